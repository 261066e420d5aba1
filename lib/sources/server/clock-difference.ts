/** A smaller difference may be network latency or a busy machine. */
const slackMs = 2_000;
/** A larger change means that somebody set one of the clocks. */
const jumpMs = 60_000;

/** Estimates how far another machine's clock is ahead of ours, from the timestamps that it sends. */
export class ClockDifference {
  #aheadMs: number | undefined;

  /** Takes a timestamp `theirMs` that arrived at `ourMs`. The maximum difference counts: it has the least latency. */
  add(theirMs: number, ourMs: number): void {
    const aheadMs = theirMs - ourMs;
    const jumped = this.#aheadMs !== undefined && Math.abs(aheadMs - this.#aheadMs) > jumpMs;
    this.#aheadMs = this.#aheadMs === undefined || jumped ? aheadMs : Math.max(this.#aheadMs, aheadMs);
  }

  /** The difference in ms; 0 if it is below 2 s, since latency may cause that. */
  get aheadMs(): number {
    return this.#aheadMs === undefined || Math.abs(this.#aheadMs) < slackMs ? 0 : this.#aheadMs;
  }
}

/** Returns a copy with every time in it (`…AtMs`, `sinceMs`) reduced by `byMs`: converts another machine's times to ours. */
export function shiftTimes<T>(value: T, byMs: number): T {
  if (Array.isArray(value)) return value.map((each) => shiftTimes(each, byMs)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) => {
    const isTime = typeof field === 'number' && /AtMs$|^sinceMs$/.test(key);
    return [key, isTime ? field - byMs : shiftTimes(field, byMs)] as const;
  });
  return Object.fromEntries(entries) as T;
}
