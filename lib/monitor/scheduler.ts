import type { Clock, Timer } from '../system/clock.ts';

/** Decides when each job is due; the scheduler reports each start and end to it. */
export interface Plan<Name extends string> {
  readonly names: readonly Name[];
  /** In milliseconds of the monotonic clock; undefined while the job runs, and while nothing requests it. */
  dueAtMs(name: Name): number | undefined;
  started(name: Name, atMs: number): void;
  ended(name: Name, atMs: number): void;
}

/** Runs the jobs of a plan. */
export interface Scheduler {
  /** Updates the timers; call it after the plan changed. */
  replan(): void;
  stop(): void;
}

/**
 * Starts each job when it is due. Different jobs may overlap; a job never overlaps itself. An error that a job throws
 * is passed to `onError` as a bug (sources report failures in their readings and back off themselves), and the plan
 * goes on.
 */
export function startScheduler<Name extends string>(
  plan: Plan<Name>,
  run: (name: Name) => void | Promise<void>,
  clock: Clock,
  onError: (error: unknown) => void,
): Scheduler {
  const timers = new Map<Name, { readonly dueAtMs: number; readonly timer: Timer }>();
  let isStopped = false;

  const replan = () => {
    if (isStopped) return;
    for (const name of plan.names) {
      const dueAtMs = plan.dueAtMs(name);
      const current = timers.get(name);
      if (current?.dueAtMs === dueAtMs) continue;
      current?.timer.cancel();
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
    if (isStopped) return;
    plan.ended(name, clock.monotonicMs());
    replan();
  };

  replan();
  return {
    replan,
    stop() {
      isStopped = true;
      for (const { timer } of timers.values()) timer.cancel();
    },
  };
}
