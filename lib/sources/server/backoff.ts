const firstMs = 500;
const mostMs = 30_000;

/** How long to wait before the next try; doubled at each failure, spread by half so that many do not come at once. */
export class Backoff {
  readonly #random: () => number;
  #nextMs = firstMs;

  /** `random` gives 0 to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The pause before the next try, in milliseconds. */
  failed(): number {
    const pauseMs = this.#nextMs * (0.5 + this.#random());
    this.#nextMs = Math.min(mostMs, this.#nextMs * 2);
    return Math.min(mostMs, pauseMs);
  }

  /** It went well: the next failure is the first. */
  succeeded(): void {
    this.#nextMs = firstMs;
  }
}
