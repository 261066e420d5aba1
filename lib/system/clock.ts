/** A pending timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** The only way to time for everything above the sources, so that specs can drive it by hand. */
export interface Clock {
  /** Wall-clock milliseconds since the epoch: for display and for comparing with times in the data. */
  nowMs(): number;
  /** Milliseconds that never go back: for intervals; a wall clock may be set. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`. */
  after(delayMs: number, run: () => void): Timer;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn of the event loop that nobody else who asks for one shares: what takes milliseconds each, as long
 * answers of several servers do, then never adds up to a pause in which no key is heard.
 */
export function ownTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
  return last;
}
