import type { Session, TokenCount } from '../session/session.ts';

const minuteMs = 60_000;
/** An hour is shown; the slack lets samples of the minute that is leaving arrive late. */
const shownMinutes = 60;
const slots = shownMinutes + 4;
/** Sessions with a history of their own; the one that was quiet longest makes room. Half a megabyte in all. */
const sessionCapacity = 500;

/** Tokens that were used at an instant: a finished message. */
export interface TokenSample {
  readonly atMs: number;
  readonly tokens: number;
}

/**
 * The tokens that "tokens a minute" counts: everything newly processed, which is the prompt's uncached part, what
 * was written to the cache, output and reasoning. Cache reads are left out: they repeat the same context with each
 * step and would drown the rest. `input` excludes them already (opencode's rule, all versions).
 */
export function processedTokens({ input, output, reasoning, cacheWrite }: TokenCount): number {
  return input + output + reasoning + cacheWrite;
}

/** One number for each of the last minutes, in fixed memory; each slot knows which minute it holds. */
class MinuteRing {
  readonly #minutes = new Float64Array(slots).fill(Number.NaN);
  readonly #tokens = new Float64Array(slots);
  /** The last answer, and its minute: every Board asks, and few sessions have anything new. */
  #lastMinutesCache: { readonly nowMinute: number; readonly minutes: readonly number[] } | undefined;

  add(minute: number, tokens: number, nowMinute: number): void {
    if (minute <= nowMinute - slots) return;
    this.#lastMinutesCache = undefined;
    const slot = slotOf(minute);
    // A slot of another minute is an old one's, or one that a clock set back left in the future.
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

  /** The samples it holds, one a minute. */
  samples(): TokenSample[] {
    return Array.from(this.#minutes, (minute, slot) => ({
      atMs: minute * minuteMs,
      tokens: this.#tokens[slot] ?? 0,
    })).filter(({ atMs, tokens }) => Number.isFinite(atMs) && tokens > 0);
  }
}

/**
 * Tokens a minute over the last hour, for each session and for all, in fixed memory. Times are passed in: a message
 * counts in the minute in which it was finished; a time in the future counts as now; a wall clock that jumps leaves
 * at worst minutes that read 0.
 */
export class TokenHistory {
  readonly #all = new MinuteRing();
  readonly #bySession = new Map<string, MinuteRing>();
  /** Each session's tokens at the last look, by which the next look's are told. */
  #seen = new Map<string, number>();
  #observedAtMs: number | undefined;

  /** Counts `tokens` that a session used at `atMs`. */
  add(sessionId: string, atMs: number, tokens: number, nowMs: number): void {
    if (!Number.isFinite(atMs) || !(tokens > 0)) return;
    const nowMinute = minuteOf(nowMs);
    const minute = Math.min(minuteOf(atMs), nowMinute);
    this.#ringFor(sessionId).add(minute, tokens, nowMinute);
    this.#all.add(minute, tokens, nowMinute);
  }

  /** Replaces what is known of a session by its finished messages of the last hour, as at start. */
  refill(sessionId: string, samples: readonly TokenSample[], nowMs: number): void {
    for (const { atMs, tokens } of this.#bySession.get(sessionId)?.samples() ?? []) {
      this.#all.add(minuteOf(atMs), -tokens, minuteOf(nowMs));
    }
    this.#bySession.delete(sessionId);
    for (const { atMs, tokens } of samples) this.add(sessionId, atMs, tokens, nowMs);
  }

  /**
   * Counts what the sessions' sums grew by since the last look, in the minute of their last sign of life. A session
   * seen for the first time counts only if it was created since the last look: what an older one used was used at
   * times that only `refill` knows.
   */
  observe(sessions: Iterable<Session>, nowMs: number): void {
    const lookedAtMs = this.#observedAtMs;
    const seen = new Map<string, number>();
    for (const { id, tokens, createdAtMs, activeAtMs } of sessions) {
      if (tokens === undefined) continue;
      const sum = processedTokens(tokens);
      const isBorn = lookedAtMs !== undefined && createdAtMs !== undefined && createdAtMs >= lookedAtMs;
      const before = this.#seen.get(id) ?? (isBorn ? 0 : sum);
      this.add(id, activeAtMs ?? nowMs, sum - before, nowMs);
      seen.set(id, sum);
    }
    this.#seen = seen;
    this.#observedAtMs = nowMs;
  }

  /** Tokens of each of the last 60 minutes, oldest first, the running minute last; undefined before anything is known. */
  ofSession(sessionId: string, nowMs: number): readonly number[] | undefined {
    return this.#bySession.get(sessionId)?.lastMinutes(minuteOf(nowMs));
  }

  /** The same over all sessions, those included that have no history of their own any more. */
  ofAll(nowMs: number): readonly number[] {
    return this.#all.lastMinutes(minuteOf(nowMs));
  }

  /** The session's ring, moved to the young end of the map. */
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
