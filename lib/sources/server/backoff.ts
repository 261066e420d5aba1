const firstMs = 500;
const maxMs = 30_000;

/** Exponential back-off with jitter: the delay doubles at each failure and varies by half, so retries do not coincide. */
export class Backoff {
  readonly #random: () => number;
  #nextMs = firstMs;

  /** `random` returns a number from 0 to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Counts a failure and returns the delay before the next retry, in ms, at most 30 s. */
  failed(): number {
    const delayMs = this.#nextMs * (0.5 + this.#random());
    this.#nextMs = Math.min(maxMs, this.#nextMs * 2);
    return Math.min(maxMs, delayMs);
  }

  /** Resets the delay to its first value. */
  succeeded(): void {
    this.#nextMs = firstMs;
  }
}
