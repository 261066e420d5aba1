import { setFlagsFromString } from 'node:v8';

/** How many bytes of bytecode a function runs before V8 compiles it again, optimised; V8's default is 67,584. */
const interruptBudgetBytes = 1_000_000;

/**
 * Lets V8 optimise only functions that run very often. otop works a few milliseconds a second. Optimising took 40 ms of
 * a start and, with three working sessions, a quarter of the CPU time, and saved less (Node 20, V8 11.3). From Node 22
 * on V8 has a cheaper compiler in between and no such flag.
 */
export function optimiseLess(
  nodeVersion: string,
  setFlags: (flags: string) => void = setFlagsFromString,
): void {
  if (Number.parseInt(nodeVersion, 10) < 22) setFlags(`--interrupt-budget=${interruptBudgetBytes}`);
}
