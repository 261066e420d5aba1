interface Mark {
  readonly cpuMs: number;
  readonly atMs: number;
  readonly percent?: number;
}

/** Under this a tick of 10 ms is more than a percent: the last rate stands. */
const shortestSpanMs = 900;
/** A first rate may be rougher. */
const shortestFirstSpanMs = 100;

/** Turns processor times into percent of one core, by what was added between two looks. */
export class CpuMeter {
  readonly #marks = new Map<string, Mark>();
  #seen = new Set<string>();

  /**
   * Percent since the last call for this process; undefined at its first, as one reading gives no rate.
   * `identity` is the pid with the start time, so that a number used again starts anew; `atMs` is monotonic.
   */
  percent(identity: string, cpuMs: number, atMs: number): number | undefined {
    this.#seen.add(identity);
    const last = this.#marks.get(identity);
    const shortestMs = last?.percent === undefined ? shortestFirstSpanMs : shortestSpanMs;
    if (last && atMs - last.atMs < shortestMs) return last.percent;
    const percent = last && Math.max(0, ((cpuMs - last.cpuMs) / (atMs - last.atMs)) * 100);
    this.#marks.set(identity, { cpuMs, atMs, ...(percent === undefined ? {} : { percent }) });
    return percent;
  }

  /** Ends one look: processes that were not asked for since the last call are forgotten. */
  forgetOthers(): void {
    for (const identity of this.#marks.keys()) {
      if (!this.#seen.has(identity)) this.#marks.delete(identity);
    }
    this.#seen = new Set();
  }
}
