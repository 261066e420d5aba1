/** A random number generator: the same seed gives the same numbers (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns a separate generator for one part of the fleet, so that its draws do not change those of other parts. */
  fork(index: number): Random {
    return new Random(Math.imul(this.#state ^ (index + 1), 0x9e3779b1));
  }

  /** Returns 32 random bits. */
  next32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** Returns a whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + (this.next32() % (high - low + 1));
  }

  /** Returns true in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.next32() % 100 < percent;
  }

  /** Returns a random item of the list, which is never empty. */
  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.next32() % list.length] ?? list[0];
  }

  /** Returns `length` random characters of `alphabet`. */
  text(alphabet: string, length: number): string {
    let text = '';
    while (text.length < length) text += alphabet.charAt(this.next32() % alphabet.length);
    return text;
  }
}
