interface Reading {
  readonly cpuMs: number;
  readonly atMs: number;
  readonly percent?: number;
}

/** In a shorter span a tick of 10 ms is more than one percent, so the last rate is returned again. */
const minSpanMs = 900;
/** The first rate may be less exact. */
const minFirstSpanMs = 100;

/** Computes the CPU use of processes in percent of one core, from the CPU time between two samples. */
export class CpuMeter {
  readonly #readings = new Map<string, Reading>();
  #sampled = new Set<string>();

  /**
   * The percentage since the last call for this process; undefined at the first call, since a rate needs two readings.
   * `identity` is the pid with the start time, because pids are reused; `atMs` is monotonic.
   */
  percent(identity: string, cpuMs: number, atMs: number): number | undefined {
    this.#sampled.add(identity);
    const last = this.#readings.get(identity);
    const spanMs = last?.percent === undefined ? minFirstSpanMs : minSpanMs;
    if (last && atMs - last.atMs < spanMs) return last.percent;
    const percent = last && Math.max(0, ((cpuMs - last.cpuMs) / (atMs - last.atMs)) * 100);
    this.#readings.set(identity, { cpuMs, atMs, ...(percent === undefined ? {} : { percent }) });
    return percent;
  }

  /** Ends one sample: forgets processes without a call of `percent` since the last sample. */
  endSample(): void {
    for (const identity of this.#readings.keys()) {
      if (!this.#sampled.has(identity)) this.#readings.delete(identity);
    }
    this.#sampled = new Set();
  }
}
