import type { Board } from '../domain/board/board.ts';
import type { Clock } from '../system/clock.ts';
import type { Context } from '../system/context.ts';
import { openFileEvents } from '../system/file-events.ts';
import { timedLooks, troubleLogger } from './board-log.ts';
import type { Monitor, RefreshRequest } from './monitor.ts';
import { type EventSource, type Look, RefreshPolicy } from './refresh-policy.ts';
import { type Scheduler, startScheduler } from './scheduler.ts';

/** A Board that keeps itself up to date. */
export interface LiveBoard {
  /** Looks at everything now, as on a key press. */
  refresh(): void;
  /** Takes a new Board of what was last seen: a person looked at a row. */
  rebuild(): void;
  stop(): void;
}

export interface LiveBoardEvents {
  /** Asked for anew after each tick if it is a function. */
  readonly tickMs: number | (() => number);
  /** Several looks in one turn of the event loop are one Board. */
  readonly onBoard: (board: Board) => void;
  /** What a look throws is a bug. */
  readonly onError: (error: unknown) => void;
}

/** A network file system that takes longer for one answer is not to be waited for by a look. */
const filesystemTimeoutMs = 1500;

/** What each look asks of the Monitor; the tick asks for processes, too. */
const requests: Readonly<Record<Look, RefreshRequest>> = {
  tick: { logs: true, live: true, sessions: 'history' },
  // Sessions that were named just now may not be read yet.
  live: { live: true, sessions: 'history' },
  log: { logs: true },
  sessions: { sessions: 'history' },
  models: { models: true },
};

/** Watches files, looks when a look is due, and tells of a new Board after each look that ended. */
export function startLiveBoard(
  monitor: Monitor,
  context: Pick<Context, 'clock' | 'logger' | 'filesystem'>,
  events: LiveBoardEvents,
): LiveBoard {
  return new FollowedBoard(monitor, context, events);
}

/** Performs a RefreshPolicy, which says when to look at what. */
class FollowedBoard implements LiveBoard {
  readonly #monitor: Monitor;
  readonly #clock: Clock;
  readonly #filesystem: Context['filesystem'];
  readonly #onBoard: LiveBoardEvents['onBoard'];
  readonly #noteTroubles: ((board: Board) => void) | undefined;
  readonly #policy: RefreshPolicy;
  readonly #scheduler: Scheduler;
  readonly #files = openFileEvents((path) => this.#wake(path.endsWith('.log') ? 'log' : 'sessions'));
  /** A Board is taken at the end of this turn of the event loop. */
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
    this.#noteTroubles = logger && troubleLogger(logger);
    const askTickMs = typeof tickMs === 'function' ? tickMs : () => tickMs;
    this.#policy = new RefreshPolicy(clock.monotonicMs(), askTickMs);
    // What the first Board went without.
    this.#policy.want('sessions', clock.monotonicMs());
    const look = (name: Look) => this.#look(name);
    const run = logger ? timedLooks(look, clock, logger) : look;
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
      const seen = this.#monitor.board(this.#clock.nowMs());
      const silence = this.#filesystem?.trouble();
      const board = silence ? { ...seen, troubles: [silence, ...seen.troubles] } : seen;
      this.#noteTroubles?.(board);
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

  async #look(name: Look): Promise<void> {
    // A look reads files, so it waits until they can be read; the Board says so meanwhile.
    if (this.#filesystem && !(await this.#filesystem.answers(filesystemTimeoutMs))) {
      this.rebuild();
      return;
    }
    const { monotonicMs, nowMs } = this.#clock;
    const processes = name === 'tick' ? { processes: this.#policy.tick(monotonicMs()) } : {};
    await this.#monitor.refresh({ ...requests[name], ...processes }, nowMs);
    // What models can and cost is on the next Board, whatever that comes of.
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
