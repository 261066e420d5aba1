import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type EventSource,
  type Poll,
  RefreshPolicy,
  tickMultiplier,
} from '../../lib/monitor/refresh-policy.ts';

let policy: RefreshPolicy;
let tickMs: number;
let polls: string[];
let nowMs: number;

beforeEach(() => {
  tickMs = 1000;
  polls = [];
  nowMs = 0;
  policy = new RefreshPolicy(0, () => tickMs);
});

/**
 * Runs every poll that is due until a time, each with no duration; records those of `kinds` with their milliseconds.
 */
function runUntil(
  untilMs: number,
  kinds: readonly Poll[] = ['tick', 'live', 'log', 'sessions'],
  isBusy = false,
) {
  for (;;) {
    const due = policy.names.flatMap((poll) => {
      const atMs = policy.dueAtMs(poll);
      return atMs === undefined || atMs > untilMs ? [] : [{ poll, atMs }];
    });
    const [next] = due.sort((one, other) => one.atMs - other.atMs);
    if (!next) break;
    nowMs = Math.max(nowMs, next.atMs);
    runPoll(next.poll, kinds, isBusy);
  }
  nowMs = untilMs;
  return polls;
}

function runPoll(poll: Poll, kinds: readonly Poll[], isBusy: boolean): void {
  policy.started(poll, nowMs);
  const how = poll === 'tick' ? policy.tick(nowMs) : poll;
  if (kinds.includes(poll)) polls.push(`${how} ${nowMs}`);
  if (poll === 'tick' && isBusy) policy.sawWork(nowMs);
  policy.ended(poll, nowMs);
}

describe('the tick', () => {
  it('comes every second while there are events, with a full process poll every ten seconds', () => {
    for (let second = 1; second <= 21; second += 1) {
      runUntil(second * 1000 + 200);
      policy.wake('log', nowMs);
    }
    const ticks = polls.filter((poll) => !poll.startsWith('log'));
    expect(ticks.filter((poll) => poll.startsWith('full'))).toEqual([
      'full 1000',
      'full 11000',
      'full 21000',
    ]);
    expect(ticks).toHaveLength(21);
  });

  it('comes every three seconds after ten without events, with a full process poll every thirty', () => {
    expect(runUntil(50_000).slice(8)).toEqual(
      ['known 9000', 'known 10000', 'full 11000', 'known 14000'].concat(
        [17, 20, 23, 26, 29, 32, 35, 38].map((second) => `known ${second * 1000}`),
        ['full 41000', 'known 44000', 'known 47000', 'known 50000'],
      ),
    );
  });

  it('comes every second while a process is busy', () => {
    expect(runUntil(20_500, ['tick'], true)).toHaveLength(20);
  });

  it('comes only once more at its usual interval after a process was busy in a single poll', () => {
    runUntil(13_900);
    polls = [];
    runUntil(14_000, ['tick'], true);
    expect(runUntil(21_000)).toEqual(['known 14000', 'known 15000', 'known 18000', 'known 21000']);
  });

  it('comes at once with a full process poll on an event after a rest', () => {
    runUntil(13_500);
    polls = [];
    policy.wake('sessions', nowMs);
    expect(runUntil(14_400)).toEqual(['full 13515']);
  });

  it('reads its interval again after each tick', () => {
    runUntil(999);
    tickMs = 4000;
    expect(runUntil(9000)).toEqual(['full 1000', 'known 5000', 'known 9000']);
  });

  it('comes once after any number of missed ticks', () => {
    runUntil(1000);
    polls = [];
    nowMs = 3_600_000;
    expect(runUntil(nowMs + 900)).toEqual(['full 3600000']);
  });
});

describe('a requested poll', () => {
  it('waits for the rest of a burst, and runs once for all of it', () => {
    runUntil(1100);
    polls = [];
    for (let request = 0; request < 1000; request += 1) policy.want('sessions', nowMs);
    expect(policy.dueAtMs('sessions')).toBe(1115);
    nowMs = 1114;
    policy.want('sessions', nowMs);
    expect(runUntil(1900)).toEqual(['sessions 1115']);
  });

  it('keeps its minimum gap after the previous one', () => {
    runUntil(1100);
    polls = [];
    for (let request = 0; request < 32; request += 1) {
      policy.want('log', nowMs);
      runUntil(nowMs + 10);
    }
    expect(polls).toEqual(['log 1115', 'log 1215', 'log 1315', 'log 1415']);
  });

  it('is merged with the tick in the second half of a tick interval', () => {
    runUntil(1400);
    policy.wake('live', nowMs);
    runUntil(1500);
    policy.wake('live', nowMs);
    expect(runUntil(1900)).toEqual(['full 1000', 'live 1415', 'known 1515']);
  });

  it('is not due while it runs, and is due again afterwards', () => {
    runUntil(1100);
    policy.want('sessions', nowMs);
    policy.started('sessions', 1115);
    policy.want('sessions', 1120);
    expect(policy.dueAtMs('sessions')).toBeUndefined();
    policy.ended('sessions', 5000);
    expect(policy.dueAtMs('sessions')).toBe(5015);
  });

  it('is a tick with a full process poll if the user requests it', () => {
    runUntil(2300);
    polls = [];
    policy.wantAll(nowMs);
    expect(runUntil(3000)).toEqual(['full 2315']);
  });
});

describe('the due times', () => {
  it('make the models due every half minute', () => {
    expect(runUntil(95_000, ['models'])).toEqual(['models 30000', 'models 60000', 'models 90000']);
  });

  it('follow every event within 200 ms, and never break a minimum gap', () => {
    const event = fc.record({
      afterMs: fc.integer({ min: 0, max: 15_000 }),
      source: fc.constantFrom<EventSource>('live', 'log', 'sessions'),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 30 }), (events) => {
        policy = new RefreshPolicy(0, () => tickMs);
        polls = [];
        nowMs = 0;
        for (const { afterMs, source } of events) {
          runUntil(nowMs + afterMs);
          policy.wake(source, nowMs);
          const own = policy.dueAtMs(source) ?? Number.POSITIVE_INFINITY;
          const tick = policy.dueAtMs('tick') ?? Number.POSITIVE_INFINITY;
          expect(Math.min(own, tick)).toBeLessThanOrEqual(nowMs + 200);
        }
        const timesOf = (kinds: RegExp) =>
          polls.flatMap((poll) => (kinds.test(poll) ? Number(poll.split(' ')[1]) : []));
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
])('tickMultiplier: %j makes the tick %i times as long', (use, factor) => {
  expect(tickMultiplier(use)).toBe(factor);
});
