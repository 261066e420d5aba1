import { isDeepStrictEqual } from 'node:util';
import { startScheduler } from '../../lib/monitor/scheduler.ts';
import { systemClock } from '../../lib/system/clock.ts';
import { openFileEvents } from '../../lib/system/file-events.ts';
import { timed } from './durations.ts';
import type { BurstFigures, Request } from './figures.ts';
import type { Subject } from './subject.ts';

const commits = 1000;
/** As the dashboard has it (lib/monitor/live-board.ts). */
const gapMs = 40;
/** The last commit is seen well within this. */
const settleMs = 500;

/** Commits as fast as the other process can, seen through file events and the scheduler as the dashboard sees them. */
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
  const scheduler = startScheduler([{ name: 'sessions', gapMs, run }], systemClock, (error) =>
    failures.push(error),
  );
  const events = openFileEvents(() => scheduler.hint('sessions'));
  events.watch(subject.watchPaths);
  await request({ ask: 'commit', count: commits });
  await new Promise((resolve) => systemClock.after(settleMs, () => resolve(undefined)));
  scheduler.stop();
  events.close();
  if (failures.length > 0) throw failures[0];
  const isLastSeen = isDeepStrictEqual(subject.refresh().sessions, seen.sessions);
  return { commits, looks: times.length, busy, longestMs: Math.max(...times), isLastSeen };
}
