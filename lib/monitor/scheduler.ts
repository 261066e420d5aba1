import type { Clock, Timer } from '../system/clock.ts';

/** Says when each of some jobs is due, and is told of each that starts and ends. */
export interface Plan<Name extends string> {
  readonly names: readonly Name[];
  /** In milliseconds of the monotonic clock; undefined while the job runs, and while nothing asks for it. */
  dueAtMs(name: Name): number | undefined;
  started(name: Name, atMs: number): void;
  ended(name: Name, atMs: number): void;
}

/** Performs a plan. */
export interface Scheduler {
  /** Sets the timers anew: the plan changed. */
  replan(): void;
  stop(): void;
}

/**
 * Starts each job when it is due. Jobs run beside each other, but none beside itself. A source that fails says so in its
 * reading and backs off by itself: what a job throws goes to `onError` as a bug, and the plan goes on.
 */
export function startScheduler<Name extends string>(
  plan: Plan<Name>,
  run: (name: Name) => void | Promise<void>,
  clock: Clock,
  onError: (error: unknown) => void,
): Scheduler {
  const timers = new Map<Name, { readonly dueAtMs: number; readonly timer: Timer }>();
  let stopped = false;

  const replan = () => {
    if (stopped) return;
    for (const name of plan.names) {
      const dueAtMs = plan.dueAtMs(name);
      const set = timers.get(name);
      if (set?.dueAtMs === dueAtMs) continue;
      set?.timer.cancel();
      timers.delete(name);
      if (dueAtMs === undefined) continue;
      const delayMs = Math.max(0, Math.ceil(dueAtMs - clock.monotonicMs()));
      timers.set(name, { dueAtMs, timer: clock.after(delayMs, () => void start(name)) });
    }
  };

  const start = async (name: Name) => {
    timers.delete(name);
    plan.started(name, clock.monotonicMs());
    try {
      await run(name);
    } catch (error) {
      onError(error);
    }
    if (stopped) return;
    plan.ended(name, clock.monotonicMs());
    replan();
  };

  replan();
  return {
    replan,
    stop() {
      stopped = true;
      for (const { timer } of timers.values()) timer.cancel();
    },
  };
}
