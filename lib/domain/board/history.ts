import type { Session, TokenCount } from '../session/session.ts';

const minuteMs = 60_000;
/** The visible hour; the ring holds some more minutes for late samples. */
const shownMinutes = 60;
const slots = shownMinutes + 4;
/** The maximum number of sessions with a history (half a megabyte); the one without tokens for the longest is evicted. */
const sessionCapacity = 500;

/** The tokens of a finished message, at the time of its end. */
export interface TokenSample {
  readonly atMs: number;
  readonly tokens: number;
}

/**
 * The tokens that "tokens per minute" counts: uncached input, cache writes, output and reasoning. Cache reads do not
 * count: each step repeats the whole conversation, which would hide the rest. `input` never includes them (all versions).
 */
export function processedTokens({ input, output, reasoning, cacheWrite }: TokenCount): number {
  return input + output + reasoning + cacheWrite;
}

/** A ring buffer with one number per minute; each slot stores its minute. */
class MinuteRing {
  readonly #minutes = new Float64Array(slots).fill(Number.NaN);
  readonly #tokens = new Float64Array(slots);
  /** The last result with its minute: every Board asks, but few sessions have new tokens. */
  #lastMinutesCache: { readonly nowMinute: number; readonly minutes: readonly number[] } | undefined;

  add(minute: number, tokens: number, nowMinute: number): void {
    if (minute <= nowMinute - slots) return;
    this.#lastMinutesCache = undefined;
    const slot = slotOf(minute);
    // Another minute in the slot is an old one, or a future one from before the clock was set back.
    if (this.#minutes[slot] !== minute) {
      this.#minutes[slot] = minute;
      this.#tokens[slot] = 0;
    }
    this.#tokens[slot] = Math.max(0, (this.#tokens[slot] ?? 0) + tokens);
  }

  lastMinutes(nowMinute: number): readonly number[] {
    if (this.#lastMinutesCache?.nowMinute !== nowMinute)
      this.#lastMinutesCache = { nowMinute, minutes: this.#minutesUpTo(nowMinute) };
    return this.#lastMinutesCache.minutes;
  }

  #minutesUpTo(nowMinute: number): readonly number[] {
    return Array.from({ length: shownMinutes }, (_, index) => {
      const minute = nowMinute - shownMinutes + 1 + index;
      const slot = slotOf(minute);
      return this.#minutes[slot] === minute ? (this.#tokens[slot] ?? 0) : 0;
    });
  }

  /** The stored samples, one per minute. */
  samples(): TokenSample[] {
    return Array.from(this.#minutes, (minute, slot) => ({
      atMs: minute * minuteMs,
      tokens: this.#tokens[slot] ?? 0,
    })).filter(({ atMs, tokens }) => Number.isFinite(atMs) && tokens > 0);
  }
}

/**
 * Tokens per minute of the last hour, for each session and for all, in bounded memory. A message counts in the minute of
 * its end; a time in the future counts as now. After a jump of the wall clock some minutes may read 0.
 */
export class TokenHistory {
  readonly #all = new MinuteRing();
  readonly #bySession = new Map<string, MinuteRing>();
  /** Each session's tokens at the last poll, to compute the difference at the next one. */
  #lastSums = new Map<string, number>();
  #observedAtMs: number | undefined;

  /** Counts `tokens` that a session used at `atMs`. */
  add(sessionId: string, atMs: number, tokens: number, nowMs: number): void {
    if (!Number.isFinite(atMs) || !(tokens > 0)) return;
    const nowMinute = minuteOf(nowMs);
    const minute = Math.min(minuteOf(atMs), nowMinute);
    this.#ringFor(sessionId).add(minute, tokens, nowMinute);
    this.#all.add(minute, tokens, nowMinute);
  }

  /** Replaces a session's history with its finished messages of the last hour, as at the start of otop. */
  refill(sessionId: string, samples: readonly TokenSample[], nowMs: number): void {
    for (const { atMs, tokens } of this.#bySession.get(sessionId)?.samples() ?? []) {
      this.#all.add(minuteOf(atMs), -tokens, minuteOf(nowMs));
    }
    this.#bySession.delete(sessionId);
    for (const { atMs, tokens } of samples) this.add(sessionId, atMs, tokens, nowMs);
  }

  /**
   * Counts the growth of the sessions' sums since the last poll, in the minute of their last activity. A new session
   * counts only if it was created since the last poll: only `refill` knows the times of an older session's tokens.
   */
  observe(sessions: Iterable<Session>, nowMs: number): void {
    const lastPollMs = this.#observedAtMs;
    const sums = new Map<string, number>();
    for (const { id, tokens, createdAtMs, activeAtMs } of sessions) {
      if (tokens === undefined) continue;
      const sum = processedTokens(tokens);
      const isNew = lastPollMs !== undefined && createdAtMs !== undefined && createdAtMs >= lastPollMs;
      const before = this.#lastSums.get(id) ?? (isNew ? 0 : sum);
      this.add(id, activeAtMs ?? nowMs, sum - before, nowMs);
      sums.set(id, sum);
    }
    this.#lastSums = sums;
    this.#observedAtMs = nowMs;
  }

  /** Tokens of each of the last 60 minutes, oldest first, the running minute last; undefined if unknown. */
  ofSession(sessionId: string, nowMs: number): readonly number[] | undefined {
    return this.#bySession.get(sessionId)?.lastMinutes(minuteOf(nowMs));
  }

  /** The same for all sessions, including those whose own history was evicted. */
  ofAll(nowMs: number): readonly number[] {
    return this.#all.lastMinutes(minuteOf(nowMs));
  }

  /** The session's ring, moved to the newest end of the map. */
  #ringFor(sessionId: string): MinuteRing {
    const ring = this.#bySession.get(sessionId) ?? new MinuteRing();
    this.#bySession.delete(sessionId);
    this.#bySession.set(sessionId, ring);
    const oldest = this.#bySession.keys().next();
    if (this.#bySession.size > sessionCapacity && oldest.done !== true) this.#bySession.delete(oldest.value);
    return ring;
  }
}

function minuteOf(atMs: number): number {
  return Math.floor(atMs / minuteMs);
}

function slotOf(minute: number): number {
  return ((minute % slots) + slots) % slots;
}
