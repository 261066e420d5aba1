import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type EventSource,
  type Look,
  RefreshPolicy,
  tickMultiplier,
} from '../../lib/monitor/refresh-policy.ts';

let policy: RefreshPolicy;
let tickMs: number;
let looked: string[];
let nowMs: number;

beforeEach(() => {
  tickMs = 1000;
  looked = [];
  nowMs = 0;
  policy = new RefreshPolicy(0, () => tickMs);
});

/** Takes every look that falls due until a time, in no time each; notes those that match at their milliseconds. */
function turnTo(
  untilMs: number,
  kinds: readonly Look[] = ['tick', 'live', 'log', 'sessions'],
  isBusy = false,
) {
  for (;;) {
    const due = policy.names.flatMap((look) => {
      const atMs = policy.dueAtMs(look);
      return atMs === undefined || atMs > untilMs ? [] : [{ look, atMs }];
    });
    const [next] = due.sort((one, other) => one.atMs - other.atMs);
    if (!next) break;
    nowMs = Math.max(nowMs, next.atMs);
    take(next.look, kinds, isBusy);
  }
  nowMs = untilMs;
  return looked;
}

function take(look: Look, kinds: readonly Look[], isBusy: boolean): void {
  policy.started(look, nowMs);
  const how = look === 'tick' ? policy.tick(nowMs) : look;
  if (kinds.includes(look)) looked.push(`${how} ${nowMs}`);
  if (look === 'tick' && isBusy) policy.sawWork(nowMs);
  policy.ended(look, nowMs);
}

describe('the tick', () => {
  it('comes every second while something happens, everything about processes every ten', () => {
    for (let second = 1; second <= 21; second += 1) {
      turnTo(second * 1000 + 200);
      policy.wake('log', nowMs);
    }
    const ticks = looked.filter((look) => !look.startsWith('log'));
    expect(ticks.filter((look) => look.startsWith('full'))).toEqual([
      'full 1000',
      'full 11000',
      'full 21000',
    ]);
    expect(ticks).toHaveLength(21);
  });

  it('comes every third second after ten in which nothing happened, everything about processes every thirty', () => {
    expect(turnTo(50_000).slice(8)).toEqual(
      ['known 9000', 'known 10000', 'full 11000', 'known 14000'].concat(
        [17, 20, 23, 26, 29, 32, 35, 38].map((second) => `known ${second * 1000}`),
        ['full 41000', 'known 44000', 'known 47000', 'known 50000'],
      ),
    );
  });

  it('comes every second while a process is at work', () => {
    expect(turnTo(20_500, ['tick'], true)).toHaveLength(20);
  });

  it('comes once more at its usual time, and no more, after a process was at work for one look', () => {
    turnTo(13_900);
    looked = [];
    turnTo(14_000, ['tick'], true);
    expect(turnTo(21_000)).toEqual(['known 14000', 'known 15000', 'known 18000', 'known 21000']);
  });

  it('looks at everything about processes at once if something happens after a rest', () => {
    turnTo(13_500);
    looked = [];
    policy.wake('sessions', nowMs);
    expect(turnTo(14_400)).toEqual(['full 13515']);
  });

  it('is asked for its length after each', () => {
    turnTo(999);
    tickMs = 4000;
    expect(turnTo(9000)).toEqual(['full 1000', 'known 5000', 'known 9000']);
  });

  it('is one however many were missed', () => {
    turnTo(1000);
    looked = [];
    nowMs = 3_600_000;
    expect(turnTo(nowMs + 900)).toEqual(['full 3600000']);
  });
});

describe('a look that is wanted', () => {
  it('waits for the rest of a burst, and is one for all of it', () => {
    turnTo(1100);
    looked = [];
    for (let wish = 0; wish < 1000; wish += 1) policy.want('sessions', nowMs);
    expect(policy.dueAtMs('sessions')).toBe(1115);
    nowMs = 1114;
    policy.want('sessions', nowMs);
    expect(turnTo(1900)).toEqual(['sessions 1115']);
  });

  it('keeps its gap from the one before', () => {
    turnTo(1100);
    looked = [];
    for (let wish = 0; wish < 32; wish += 1) {
      policy.want('log', nowMs);
      turnTo(nowMs + 10);
    }
    expect(looked).toEqual(['log 1115', 'log 1215', 'log 1315', 'log 1415']);
  });

  it('is taken for the tick in the second half of a tick', () => {
    turnTo(1400);
    policy.wake('live', nowMs);
    turnTo(1500);
    policy.wake('live', nowMs);
    expect(turnTo(1900)).toEqual(['full 1000', 'live 1415', 'known 1515']);
  });

  it('is not due while it runs, and once more afterwards', () => {
    turnTo(1100);
    policy.want('sessions', nowMs);
    policy.started('sessions', 1115);
    policy.want('sessions', 1120);
    expect(policy.dueAtMs('sessions')).toBeUndefined();
    policy.ended('sessions', 5000);
    expect(policy.dueAtMs('sessions')).toBe(5015);
  });

  it('is everything when a person asks, everything about processes included', () => {
    turnTo(2300);
    looked = [];
    policy.wantAll(nowMs);
    expect(turnTo(3000)).toEqual(['full 2315']);
  });
});

describe('what is due', () => {
  it('is models every half minute', () => {
    expect(turnTo(95_000, ['models'])).toEqual(['models 30000', 'models 60000', 'models 90000']);
  });

  it('never falls behind what happened, nor comes more often than the gaps allow', () => {
    const happening = fc.record({
      afterMs: fc.integer({ min: 0, max: 15_000 }),
      source: fc.constantFrom<EventSource>('live', 'log', 'sessions'),
    });
    fc.assert(
      fc.property(fc.array(happening, { minLength: 1, maxLength: 30 }), (happenings) => {
        policy = new RefreshPolicy(0, () => tickMs);
        looked = [];
        nowMs = 0;
        for (const { afterMs, source } of happenings) {
          turnTo(nowMs + afterMs);
          policy.wake(source, nowMs);
          const own = policy.dueAtMs(source) ?? Number.POSITIVE_INFINITY;
          const tick = policy.dueAtMs('tick') ?? Number.POSITIVE_INFINITY;
          expect(Math.min(own, tick)).toBeLessThanOrEqual(nowMs + 200);
        }
        const timesOf = (kinds: RegExp) =>
          looked.flatMap((look) => (kinds.test(look) ? Number(look.split(' ')[1]) : []));
        for (const [kinds, gapMs] of [
          [/^(full|known)/, 200],
          [/^sessions/, 100],
        ] as const)
          timesOf(kinds).forEach((atMs, index, all) => {
            expect(atMs - (all[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(gapMs);
          });
      }),
    );
  });
});

it.each([
  [{ cpuPercent: 0.3, loadPerCore: 0.2 }, 1],
  [{ loadPerCore: 3 }, 1],
  [{ cpuPercent: 7, loadPerCore: 0.2 }, 2],
  [{ cpuPercent: 0.3, loadPerCore: 5 }, 2],
  [{ cpuPercent: 11, loadPerCore: 0 }, 4],
  [{ cpuPercent: 1, loadPerCore: 12 }, 4],
])('%j makes the tick %i times as long', (use, factor) => {
  expect(tickMultiplier(use)).toBe(factor);
});
