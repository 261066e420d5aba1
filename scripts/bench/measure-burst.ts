import { isDeepStrictEqual } from 'node:util';
import { type Plan, startScheduler } from '../../lib/monitor/scheduler.ts';
import { systemClock } from '../../lib/system/clock.ts';
import { openFileEvents } from '../../lib/system/file-events.ts';
import { timed } from './durations.ts';
import type { BurstFigures, Request } from './figures.ts';
import type { Subject } from './subject.ts';

const commits = 1000;
/** The shortest time between the starts of two looks; the dashboard's is longer (lib/monitor/refresh-policy.ts). */
const gapMs = 40;
/** Long enough for a look at the last commit. */
const settleMs = 500;

/** Measures the looks at a burst of commits, started by file events and the scheduler as in the dashboard. */
export async function measureBurst(subject: Subject, request: Request): Promise<BurstFigures> {
  const times: number[] = [];
  let seen = subject.refresh();
  let busy = 0;
  const run = () => {
    const { value, ms } = timed(() => subject.refreshOrTrouble());
    times.push(ms);
    if (value.troubles.length > 0) busy += 1;
    seen = value;
  };
  const failures: unknown[] = [];
  const plan = new GapPlan();
  const scheduler = startScheduler(plan, run, systemClock, (error) => failures.push(error));
  const events = openFileEvents(() => {
    plan.want(systemClock.monotonicMs());
    scheduler.replan();
  });
  events.watch(subject.watchPaths);
  await request({ ask: 'commit', count: commits });
  await new Promise((resolve) => systemClock.after(settleMs, () => resolve(undefined)));
  scheduler.stop();
  events.close();
  if (failures.length > 0) throw failures[0];
  const isLastSeen = isDeepStrictEqual(subject.refresh().sessions, seen.sessions);
  return { commits, looks: times.length, busy, longestMs: Math.max(...times), isLastSeen };
}

/** Plans a look after each event, at the earliest `gapMs` after the start of the last one. */
class GapPlan implements Plan<'sessions'> {
  readonly names = ['sessions'] as const;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #isRunning = false;
  #wantedAtMs: number | undefined;

  want(atMs: number): void {
    this.#wantedAtMs ??= atMs;
  }

  dueAtMs(): number | undefined {
    if (this.#wantedAtMs === undefined || this.#isRunning) return undefined;
    return Math.max(this.#wantedAtMs, this.#startedAtMs + gapMs);
  }

  started(_name: 'sessions', atMs: number): void {
    this.#startedAtMs = atMs;
    this.#isRunning = true;
    this.#wantedAtMs = undefined;
  }

  ended(): void {
    this.#isRunning = false;
  }
}
