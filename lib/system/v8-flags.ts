import { setFlagsFromString } from 'node:v8';

/** How many bytes of bytecode a function runs before V8 compiles it anew, optimised; 67,584 by its own choice. */
const interruptBudgetBytes = 1_000_000;

/**
 * Lets V8 optimise only what runs really often. otop works a few milliseconds a second: of three working sessions a
 * quarter of the processor time, and 40 ms of a start, went into optimising code that never earned it back (Node 20, V8
 * 11.3). From Node 22 on a cheaper compiler stands between, and the flag is gone.
 */
export function optimiseLess(
  nodeVersion: string,
  setFlags: (flags: string) => void = setFlagsFromString,
): void {
  if (Number.parseInt(nodeVersion, 10) < 22) setFlags(`--interrupt-budget=${interruptBudgetBytes}`);
}
