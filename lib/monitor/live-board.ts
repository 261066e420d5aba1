import type { Board } from '../domain/board/board.ts';
import type { Context } from '../system/context.ts';
import { openFileEvents } from '../system/file-events.ts';
import { timedTask, troubleJournal } from './board-log.ts';
import type { Monitor } from './monitor.ts';
import { type Scheduler, startScheduler, type Task } from './scheduler.ts';

/** A Board that keeps itself up to date. */
export interface LiveBoard {
  /** Looks at everything now, as on a key press. */
  refresh(): void;
  /** Takes a new Board of what was last seen: a person looked at a row. */
  rebuild(): void;
  stop(): void;
}

export interface LiveBoardEvents {
  /** Asked for anew for each tick where it is a function. */
  readonly tickMs: number | (() => number);
  /** Several looks in one turn of the event loop are one Board. */
  readonly onBoard: (board: Board) => void;
  /** What a look throws is a bug. */
  readonly onError: (error: unknown) => void;
}

/**
 * opencode commits a turn's rows one after the other within milliseconds: after the first a look waits for the rest, and
 * while they go on coming there are no more than ten looks a second. A person sees neither.
 */
const settleMs = 15;
const gapMs = 100;
/**
 * A look at everything: a new process is on the Board within a second, a dead one gone, and what file events did not
 * tell (a network file system, a full inotify table) is seen. It costs what changed, which mostly is nothing.
 */
export const defaultTickMs = 1000;
/**
 * Where no file was written for a while and no process is at work, a look comes every third time: what a person does next
 * is a file event, and looks at everything at once.
 */
const restAfterMs = 10_000;
const restStretch = 3;
/**
 * A process at work brings the next look at the usual time, and that one sees for itself: about once a minute an idle
 * opencode takes 10 to 40 percent for a second or two and nothing follows (1.18.33).
 */
const untilNextLookMs = 500;
/** Everything about each process, new descriptors and late comers included; at rest three times as seldom, and at its end. */
const fullLookMs = 10_000;
const modelsMs = 30_000;
/** A network file system that takes longer for one answer is not to be waited for by a look. */
const homePatienceMs = 1500;

/** Watches files and ticks, and tells of a new Board after each look that finished. */
export function startLiveBoard(
  monitor: Monitor,
  { clock, journal, home }: Pick<Context, 'clock' | 'journal' | 'home'>,
  { tickMs, onBoard, onError }: LiveBoardEvents,
): LiveBoard {
  const noteTroubles = journal && troubleJournal(journal);
  const timed = (task: Task) => (journal ? timedTask(task, clock, journal) : task);
  /** What reads files waits until they can be read; the Board says so meanwhile. */
  const guarded = (task: Task): Task => ({
    ...task,
    async run() {
      if (home && !(await home.answers(homePatienceMs))) rebuild();
      else await task.run();
    },
  });
  let planned = false;
  let stopped = false;
  let nextFullLookMs = 0;
  let awakeUntilMs = clock.monotonicMs() + restAfterMs;
  let tickedAtMs = clock.monotonicMs();
  /** As it was last asked for: the pace is measured anew for each tick, not for each event. */
  let lastTickMs = 0;
  const isAtRest = () => clock.monotonicMs() > awakeUntilMs;
  const stayAwake = (forMs: number) => {
    awakeUntilMs = Math.max(awakeUntilMs, clock.monotonicMs() + forMs);
  };
  const stir = (name: string) => {
    // Whatever it was, it may have been a process that is new.
    if (isAtRest()) {
      nextFullLookMs = 0;
      scheduler.hint('tick');
    }
    stayAwake(restAfterMs);
    // Where events come all the time, ticks of their own between them would be looks in vain.
    scheduler.hint(clock.monotonicMs() - tickedAtMs >= lastTickMs / 2 ? 'tick' : name);
  };
  const stretch = () => (isAtRest() ? restStretch : 1);
  const nextTickMs = () => {
    lastTickMs = typeof tickMs === 'function' ? tickMs() : tickMs;
    return lastTickMs * stretch();
  };
  const rebuild = () => {
    if (planned || stopped) return;
    planned = true;
    clock.after(0, () => {
      planned = false;
      if (stopped) return;
      const seen = monitor.board(clock.nowMs());
      const silence = home?.trouble();
      const board = silence ? { ...seen, troubles: [silence, ...seen.troubles] } : seen;
      noteTroubles?.(board);
      onBoard(board);
    });
  };
  const after = () => {
    listen();
    if (monitor.isCatchingUp) scheduler.hint('sessions');
    rebuild();
  };

  const events = openFileEvents((path) => stir(path.endsWith('.log') ? 'log' : 'sessions'));
  const listen = () => {
    const { sessions, logs } = monitor.watchPaths();
    events.watch([...sessions, ...logs]);
  };
  const scheduler: Scheduler = startScheduler(
    [
      {
        name: 'tick',
        intervalMs: nextTickMs,
        gapMs: 200,
        settleMs,
        async run() {
          tickedAtMs = clock.monotonicMs();
          const isFull = clock.monotonicMs() >= nextFullLookMs;
          if (isFull) nextFullLookMs = clock.monotonicMs() + fullLookMs * stretch();
          await monitor.lookAtProcesses(isFull ? 'full' : 'known', clock.nowMs());
          if (monitor.isStirring) stayAwake(untilNextLookMs);
          monitor.lookAtLogs(clock.nowMs());
          monitor.lookAtLive(clock.nowMs());
          monitor.lookAtSessions(clock.nowMs());
          after();
        },
      },
      {
        name: 'live',
        gapMs,
        settleMs,
        run() {
          monitor.lookAtLive(clock.nowMs());
          // Sessions that were named just now may not be read yet.
          monitor.lookAtSessions(clock.nowMs());
          after();
        },
      },
      {
        name: 'log',
        gapMs,
        settleMs,
        run() {
          monitor.lookAtLogs(clock.nowMs());
          after();
        },
      },
      {
        name: 'sessions',
        gapMs,
        settleMs,
        run() {
          monitor.lookAtSessions(clock.nowMs());
          after();
        },
      },
      { name: 'models', intervalMs: modelsMs, gapMs: modelsMs, run: () => monitor.lookAtModels() },
    ]
      .map(guarded)
      .map(timed),
    clock,
    onError,
  );
  listen();
  // What the first Board went without.
  scheduler.hint('sessions');
  monitor.listenLive(() => stir('live'));

  return {
    refresh() {
      nextFullLookMs = 0;
      scheduler.hint('tick');
    },
    rebuild,
    stop() {
      stopped = true;
      scheduler.stop();
      events.close();
    },
  };
}
