import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processedTokens, TokenHistory } from '../../../lib/domain/board/history.ts';
import { ago, nowMs, session, tokens } from '../../support/builders.ts';

const minute = 60;

/** The minutes with tokens, newest first, as `minutes ago: tokens`. */
function minutesOf(perMinute: readonly number[] | undefined): string {
  if (perMinute === undefined) return 'unknown';
  const spoken = perMinute.map((sum, index) => ({ sum, minutesAgo: perMinute.length - 1 - index }));
  return spoken
    .filter(({ sum }) => sum !== 0)
    .map(({ sum, minutesAgo }) => `${minutesAgo}: ${sum}`)
    .reverse()
    .join(', ');
}

describe('the token history', () => {
  it('counts newly processed tokens, without cache reads', () => {
    const count = tokens({ input: 1, output: 20, reasoning: 300, cacheWrite: 4_000, cacheRead: 50_000 });
    expect(processedTokens(count)).toBe(4_321);
  });

  it('holds one number per minute of an hour, oldest first, the running minute last', () => {
    const history = new TokenHistory();
    history.add('ses_a', ago(0), 5, nowMs);
    history.add('ses_a', ago(2 * minute), 7, nowMs);
    history.add('ses_a', ago(2 * minute), 1, nowMs);
    history.add('ses_a', ago(59 * minute), 9, nowMs);
    history.add('ses_a', ago(70 * minute), 100, nowMs);
    expect(history.ofSession('ses_a', nowMs)).toHaveLength(60);
    expect(minutesOf(history.ofSession('ses_a', nowMs))).toBe('0: 5, 2: 8, 59: 9');
    expect(minutesOf(history.ofSession('ses_a', nowMs + 3 * minute * 1000))).toBe('3: 5, 5: 8');
    expect(minutesOf(history.ofSession('ses_b', nowMs))).toBe('unknown');
  });

  it('sums all sessions, including evicted ones', () => {
    const history = new TokenHistory();
    for (let n = 0; n < 700; n++) history.add(`ses_${n}`, ago(0), 1, nowMs);
    expect(minutesOf(history.ofAll(nowMs))).toBe('0: 700');
    expect(minutesOf(history.ofSession('ses_0', nowMs))).toBe('unknown');
    expect(minutesOf(history.ofSession('ses_699', nowMs))).toBe('0: 1');
  });

  it('counts nothing twice when refilled from finished messages', () => {
    const history = new TokenHistory();
    history.add('ses_b', ago(minute), 1, nowMs);
    const samples = [
      { atMs: ago(minute), tokens: 10 },
      { atMs: ago(9 * minute), tokens: 30 },
    ];
    history.refill('ses_a', samples, nowMs);
    history.refill('ses_a', samples, nowMs);
    expect(minutesOf(history.ofSession('ses_a', nowMs))).toBe('1: 10, 9: 30');
    expect(minutesOf(history.ofAll(nowMs))).toBe('1: 11, 9: 30');
  });

  it('counts the growth of the sums in the minute of the last activity', () => {
    const history = new TokenHistory();
    const used = (input: number, secondsAgo: number) =>
      session({ tokens: tokens({ input }), activeAtMs: ago(secondsAgo) });
    history.observe([used(1_000, 600)], ago(600));
    expect(minutesOf(history.ofSession('ses_a', nowMs))).toBe('unknown');
    history.observe([used(1_250, 2 * minute)], ago(2 * minute));
    history.observe([used(1_250, 2 * minute)], ago(minute));
    // An /undo removes messages.
    history.observe([used(900, 30)], ago(30));
    history.observe([used(940, 0)], nowMs);
    expect(minutesOf(history.ofSession('ses_a', nowMs))).toBe('0: 40, 2: 250');
  });

  it('counts a session that was created since the last poll from its first token', () => {
    const history = new TokenHistory();
    history.observe([], ago(60));
    history.observe(
      [session({ createdAtMs: ago(20), activeAtMs: nowMs, tokens: tokens({ output: 8 }) })],
      nowMs,
    );
    expect(minutesOf(history.ofSession('ses_a', nowMs))).toBe('0: 8');
  });

  it('survives a wall clock that jumps forward and back', () => {
    const history = new TokenHistory();
    const tomorrow = nowMs + 86_400_000;
    history.add('ses_a', tomorrow, 5, tomorrow);
    history.add('ses_a', nowMs, 3, nowMs);
    expect(minutesOf(history.ofSession('ses_a', nowMs))).toBe('0: 3');
    // A day is not a multiple of the ring's size, so the other slot survives too.
    expect(minutesOf(history.ofSession('ses_a', tomorrow))).toBe('0: 5');
    history.add('ses_a', nowMs + 3_600_000, 2, nowMs);
    expect(minutesOf(history.ofSession('ses_a', nowMs))).toBe('0: 5');
  });

  it('never shows more tokens than were added, for any times in any order', () => {
    const feed = fc.array(fc.tuple(fc.double(), fc.double({ min: -10, max: 1e6 })), { maxLength: 50 });
    fc.assert(
      fc.property(feed, fc.integer({ min: -1e13, max: 1e13 }), (samples, atMs) => {
        const history = new TokenHistory();
        for (const [sampleMs, count] of samples) history.add('ses_a', sampleMs, count, atMs);
        const counted = samples.filter(([, count]) => count > 0).reduce((sum, [, count]) => sum + count, 0);
        const shown = history.ofAll(atMs).reduce((sum, one) => sum + one, 0);
        expect(shown).toBeGreaterThanOrEqual(0);
        expect(shown).toBeLessThanOrEqual(counted * 1.000001);
      }),
      { numRuns: 300 },
    );
  });
});
