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
  let stopped = false;
  const entries = new Map<string, Entry>();

  const plan = (entry: Entry, delayMs: number) => {
    const dueAtMs = clock.monotonicMs() + delayMs;
    if (entry.timer && entry.dueAtMs <= dueAtMs) return;
    entry.timer?.cancel();
    entry.dueAtMs = dueAtMs;
    entry.timer = clock.after(delayMs, () => {
      entry.timer = undefined;
      void start(entry);
    });
  };

  const planNext = (entry: Entry) => {
    const { intervalMs, gapMs, settleMs = 0 } = entry.task;
    if (!entry.hinted && intervalMs === undefined) return;
    const sinceStartMs = clock.monotonicMs() - entry.startedAtMs;
    const tickMs = typeof intervalMs === 'function' ? intervalMs() : (intervalMs ?? 0);
    const leftMs = (entry.hinted ? gapMs : tickMs) - sinceStartMs;
    plan(entry, Math.max(entry.hinted ? settleMs : 0, leftMs));
  };

  const start = async (entry: Entry) => {
    if (stopped || entry.running) return;
    entry.running = true;
    entry.hinted = false;
    entry.startedAtMs = clock.monotonicMs();
    try {
      await entry.task.run();
    } catch (error) {
      onError(error);
    }
    entry.running = false;
    if (!stopped) planNext(entry);
  };

  for (const task of tasks) {
    const entry: Entry = {
      task,
      timer: undefined,
      dueAtMs: 0,
      startedAtMs: clock.monotonicMs(),
      running: false,
      hinted: false,
    };
    entries.set(task.name, entry);
    planNext(entry);
  }

  return {
    hint(name) {
      const entry = entries.get(name);
      if (!entry) throw new Error(`no task is called ${name}`);
      if (stopped || entry.hinted) return;
      entry.hinted = true;
      if (!entry.running) planNext(entry);
    },
    stop() {
      stopped = true;
      for (const entry of entries.values()) entry.timer?.cancel();
    },
  };
}
