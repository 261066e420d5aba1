import type { Board } from '../domain/board/board.ts';
import type { Clock } from '../system/clock.ts';
import type { Context } from '../system/context.ts';
import { openFileEvents } from '../system/file-events.ts';
import { timedPolls, troubleLogger } from './board-log.ts';
import type { Monitor, RefreshRequest } from './monitor.ts';
import { type EventSource, type Poll, RefreshPolicy } from './refresh-policy.ts';
import { type Scheduler, startScheduler } from './scheduler.ts';

/** Polls the sources when needed and emits Boards. */
export interface LiveBoard {
  /** Polls all sources now, for example when the user presses a key. */
  refresh(): void;
  /** Emits a new Board from the last readings, without polling: for example after the user viewed a row. */
  rebuild(): void;
  stop(): void;
}

export interface LiveBoardEvents {
  /** The tick's length; a function is called again after each tick. */
  readonly tickMs: number | (() => number);
  /** Called at most once per turn of the event loop, however many polls ended in it. */
  readonly onBoard: (board: Board) => void;
  /** Receives the error of a poll that threw: that is a bug, because sources report failures in their readings. */
  readonly onError: (error: unknown) => void;
}

/** A poll is skipped if the file system does not respond within this time (for example a network file system). */
const filesystemTimeoutMs = 1500;

/** The refresh request of each poll; the tick adds processes to it. */
const requests: Readonly<Record<Poll, RefreshRequest>> = {
  tick: { logs: true, live: true, sessions: 'history' },
  // A plugin or server may have named sessions that have not been read yet.
  live: { live: true, sessions: 'history' },
  log: { logs: true },
  sessions: { sessions: 'history' },
  models: { models: true },
};

/** Watches files, polls when a poll is due, and emits a new Board after each poll. */
export function startLiveBoard(
  monitor: Monitor,
  context: Pick<Context, 'clock' | 'logger' | 'filesystem'>,
  events: LiveBoardEvents,
): LiveBoard {
  return new PolledBoard(monitor, context, events);
}

/** Runs a RefreshPolicy, which decides when to poll which source. */
class PolledBoard implements LiveBoard {
  readonly #monitor: Monitor;
  readonly #clock: Clock;
  readonly #filesystem: Context['filesystem'];
  readonly #onBoard: LiveBoardEvents['onBoard'];
  readonly #logTroubles: ((board: Board) => void) | undefined;
  readonly #policy: RefreshPolicy;
  readonly #scheduler: Scheduler;
  readonly #files = openFileEvents((path) => this.#wake(path.endsWith('.log') ? 'log' : 'sessions'));
  /** True while a Board is scheduled for the end of this turn of the event loop. */
  #isPlanned = false;
  #isStopped = false;

  constructor(
    monitor: Monitor,
    { clock, logger, filesystem }: Pick<Context, 'clock' | 'logger' | 'filesystem'>,
    { tickMs, onBoard, onError }: LiveBoardEvents,
  ) {
    this.#monitor = monitor;
    this.#clock = clock;
    this.#filesystem = filesystem;
    this.#onBoard = onBoard;
    this.#logTroubles = logger && troubleLogger(logger);
    const currentTickMs = typeof tickMs === 'function' ? tickMs : () => tickMs;
    this.#policy = new RefreshPolicy(clock.monotonicMs(), currentTickMs);
    // The first Board does not include the token history.
    this.#policy.want('sessions', clock.monotonicMs());
    const poll = (name: Poll) => this.#poll(name);
    const run = logger ? timedPolls(poll, clock, logger) : poll;
    this.#scheduler = startScheduler(this.#policy, run, clock, onError);
    this.#watch();
    monitor.listenLive(() => this.#wake('live'));
  }

  refresh(): void {
    this.#policy.wantAll(this.#clock.monotonicMs());
    this.#scheduler.replan();
  }

  rebuild(): void {
    if (this.#isPlanned || this.#isStopped) return;
    this.#isPlanned = true;
    this.#clock.after(0, () => {
      this.#isPlanned = false;
      if (this.#isStopped) return;
      const lastBoard = this.#monitor.board(this.#clock.nowMs());
      const filesystemTrouble = this.#filesystem?.trouble();
      const board = filesystemTrouble
        ? { ...lastBoard, troubles: [filesystemTrouble, ...lastBoard.troubles] }
        : lastBoard;
      this.#logTroubles?.(board);
      this.#onBoard(board);
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#scheduler.stop();
    this.#files.close();
  }

  #wake(source: EventSource): void {
    this.#policy.wake(source, this.#clock.monotonicMs());
    this.#scheduler.replan();
  }

  async #poll(name: Poll): Promise<void> {
    // A poll reads files. It is skipped while the file system does not respond; the Board shows that trouble.
    if (this.#filesystem && !(await this.#filesystem.answers(filesystemTimeoutMs))) {
      this.rebuild();
      return;
    }
    const { monotonicMs, nowMs } = this.#clock;
    const processes = name === 'tick' ? { processes: this.#policy.tick(monotonicMs()) } : {};
    await this.#monitor.refresh({ ...requests[name], ...processes }, nowMs);
    // Model facts appear on the next Board; they need no Board of their own.
    if (name === 'models') return;
    if (name === 'tick' && this.#monitor.isBusy) this.#policy.sawWork(monotonicMs());
    this.#watch();
    if (this.#monitor.isCatchingUp) this.#policy.want('sessions', monotonicMs());
    this.rebuild();
  }

  #watch(): void {
    const { sessions, logs } = this.#monitor.watchPaths();
    this.#files.watch([...sessions, ...logs]);
  }
}
