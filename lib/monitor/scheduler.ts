import type { Clock, Timer } from '../system/clock.ts';

/** One thing that is done again and again: on a hint (a file event), and on a slow tick where it has one. */
export interface Task {
  readonly name: string;
  /** The slow tick: the net below file events; absent: only on hints. */
  readonly intervalMs?: number | (() => number);
  /** How long after a first hint a run waits for more of them; none unless told. */
  readonly settleMs?: number;
  /** Two runs never start closer together than this: a burst of hints becomes one run. */
  readonly gapMs: number;
  /** A source that fails says so in its reading and backs off by itself; what is thrown is a bug. */
  run(): void | Promise<void>;
}

/** A running set of tasks. */
export interface Scheduler {
  /** Something changed: run the task as soon as its gap allows; any number of hints meanwhile is one run. */
  hint(name: string): void;
  stop(): void;
}

interface Entry {
  readonly task: Task;
  timer: Timer | undefined;
  dueAtMs: number;
  startedAtMs: number;
  running: boolean;
  hinted: boolean;
}

/**
 * Starts tasks on their ticks and hints. A task that still runs is never started again beside itself, and a
 * backlog is never worked off: however many ticks were missed (a suspended machine), one run follows.
 * What a task throws goes to `onError`: a bug, not a state.
 */
export function startScheduler(
  tasks: readonly Task[],
  clock: Clock,
  onError: (error: unknown) => void,
): Scheduler {
  return new TaskScheduler(tasks, clock, onError);
}

class TaskScheduler implements Scheduler {
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #entries = new Map<string, Entry>();
  #stopped = false;

  constructor(tasks: readonly Task[], clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
    for (const task of tasks) {
      const entry: Entry = {
        task,
        timer: undefined,
        dueAtMs: 0,
        startedAtMs: clock.monotonicMs(),
        running: false,
        hinted: false,
      };
      this.#entries.set(task.name, entry);
      this.#planNext(entry);
    }
  }

  hint(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`no task is called ${name}`);
    if (this.#stopped || entry.hinted) return;
    entry.hinted = true;
    if (!entry.running) this.#planNext(entry);
  }

  stop(): void {
    this.#stopped = true;
    for (const entry of this.#entries.values()) entry.timer?.cancel();
  }

  /** Plans the next run: when the gap allows it after a hint, else at the next tick; none for a task without either. */
  #planNext(entry: Entry): void {
    const { intervalMs, gapMs, settleMs = 0 } = entry.task;
    if (!entry.hinted && intervalMs === undefined) return;
    const sinceStartMs = this.#clock.monotonicMs() - entry.startedAtMs;
    const tickMs = typeof intervalMs === 'function' ? intervalMs() : (intervalMs ?? 0);
    const leftMs = (entry.hinted ? gapMs : tickMs) - sinceStartMs;
    this.#plan(entry, Math.max(entry.hinted ? settleMs : 0, leftMs));
  }

  /** Sets the timer, unless a run is due earlier already. */
  #plan(entry: Entry, delayMs: number): void {
    const dueAtMs = this.#clock.monotonicMs() + delayMs;
    if (entry.timer && entry.dueAtMs <= dueAtMs) return;
    entry.timer?.cancel();
    entry.dueAtMs = dueAtMs;
    entry.timer = this.#clock.after(delayMs, () => {
      entry.timer = undefined;
      void this.#run(entry);
    });
  }

  async #run(entry: Entry): Promise<void> {
    if (this.#stopped || entry.running) return;
    entry.running = true;
    entry.hinted = false;
    entry.startedAtMs = this.#clock.monotonicMs();
    try {
      await entry.task.run();
    } catch (error) {
      this.#onError(error);
    }
    entry.running = false;
    if (!this.#stopped) this.#planNext(entry);
  }
}
