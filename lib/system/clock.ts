/** A pending timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** The time for the monitor, the dashboard and serve, so that specs can advance it by hand. */
export interface Clock {
  /** Returns wall-clock milliseconds since the epoch, for display and for comparison with times in the data. */
  nowMs(): number;
  /** Returns milliseconds that never go back, for intervals: a wall clock can be set back. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`. */
  after(delayMs: number, run: () => void): Timer;
}

/** The clock of this machine. */
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
 * Resolves in a turn of the event loop that no other caller shares. Tasks of some milliseconds each, such as parsing
 * long responses of several servers, then never add up to a pause without key input.
 */
export function ownTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
  return last;
}
