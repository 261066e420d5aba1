/** What may be the way, or a busy machine, is no difference of clocks. */
const slackMs = 2_000;
/** Somebody set one of the clocks. */
const jumpMs = 60_000;

/** How far another machine's clock is ahead of ours, from times that it told. */
export class ClockDifference {
  #aheadMs: number | undefined;

  /** It said that it was `theirMs` in what came at `ourMs`. The less it was under way, the later that seems. */
  heard(theirMs: number, ourMs: number): void {
    const aheadMs = theirMs - ourMs;
    const jumped = this.#aheadMs !== undefined && Math.abs(aheadMs - this.#aheadMs) > jumpMs;
    this.#aheadMs = this.#aheadMs === undefined || jumped ? aheadMs : Math.max(this.#aheadMs, aheadMs);
  }

  /** In milliseconds; 0 where the clocks agree, as far as the times on the way allow to tell. */
  get aheadMs(): number {
    return this.#aheadMs === undefined || Math.abs(this.#aheadMs) < slackMs ? 0 : this.#aheadMs;
  }
}

/** Every time in a value (`…AtMs`, `sinceMs`) set back by so much: another machine's times in ours. */
export function setBack<T>(value: T, byMs: number): T {
  if (Array.isArray(value)) return value.map((each) => setBack(each, byMs)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) => {
    const isTime = typeof field === 'number' && /AtMs$|^sinceMs$/.test(key);
    return [key, isTime ? field - byMs : setBack(field, byMs)] as const;
  });
  return Object.fromEntries(entries) as T;
}
