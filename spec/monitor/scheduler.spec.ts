import { describe, expect, it } from 'vitest';
import { type Plan, startScheduler } from '../../lib/monitor/scheduler.ts';
import { handClock } from '../support/clock.ts';

/** A plan with one job that is due at the times that a spec sets. */
class OneJobPlan implements Plan<'database'> {
  readonly names = ['database'] as const;
  #dueAtMs: number | undefined;
  #isRunning = false;

  constructor(
    dueAtMs: number | undefined,
    readonly next: (atMs: number) => number | undefined,
  ) {
    this.#dueAtMs = dueAtMs;
  }

  setDue(dueAtMs: number): void {
    this.#dueAtMs = dueAtMs;
  }

  dueAtMs(): number | undefined {
    return this.#isRunning ? undefined : this.#dueAtMs;
  }

  started(): void {
    this.#isRunning = true;
    this.#dueAtMs = undefined;
  }

  ended(_name: 'database', atMs: number): void {
    this.#isRunning = false;
    this.#dueAtMs ??= this.next(atMs);
  }
}

function counted(plan: OneJobPlan, run: () => void | Promise<void> = () => undefined) {
  const startsMs: number[] = [];
  const clock = handClock();
  const errors: unknown[] = [];
  const counting = () => {
    startsMs.push(clock.monotonicMs());
    return run();
  };
  const scheduler = startScheduler(plan, counting, clock, (error) => errors.push(error));
  return { clock, startsMs, scheduler, errors };
}

const everySecond = () => new OneJobPlan(1000, (atMs) => atMs + 1000);

describe('the scheduler', () => {
  it('starts a job when it is due, and plans it again after it ended', async () => {
    const { clock, startsMs } = counted(everySecond());
    await clock.advance(3500);
    expect(startsMs).toEqual([1000, 2000, 3000]);
  });

  it('updates its timers when the plan changed', async () => {
    const plan = everySecond();
    const { clock, startsMs, scheduler } = counted(plan);
    await clock.advance(100);
    plan.setDue(150);
    scheduler.replan();
    scheduler.replan();
    expect(clock.pendingCount).toBe(1);
    await clock.advance(1000);
    expect(startsMs).toEqual([150]);
    await clock.advance(100);
    expect(startsMs).toEqual([150, 1150]);
  });

  it('starts nothing while nothing is due', async () => {
    const plan = new OneJobPlan(undefined, () => undefined);
    const { clock, startsMs, scheduler } = counted(plan);
    await clock.advance(60_000);
    expect([startsMs, clock.pendingCount]).toEqual([[], 0]);
    plan.setDue(60_000);
    scheduler.replan();
    await clock.advance(60_000);
    expect([startsMs, clock.pendingCount]).toEqual([[60_000], 0]);
  });

  it('never overlaps runs of a job, and runs it again if it became due meanwhile', async () => {
    let finish: () => void = () => undefined;
    const plan = new OneJobPlan(1000, () => undefined);
    const { clock, startsMs, scheduler } = counted(
      plan,
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    await clock.advance(1000);
    plan.setDue(1100);
    scheduler.replan();
    await clock.advance(5000);
    expect(startsMs).toEqual([1000]);
    finish();
    await clock.advance(10);
    expect(startsMs).toEqual([1000, 6000]);
  });

  it('passes the error of a job to the crash handler and goes on', async () => {
    const { clock, startsMs, errors } = counted(everySecond(), () => {
      throw new Error('a bug');
    });
    await clock.advance(2500);
    expect(errors).toHaveLength(2);
    expect(startsMs).toEqual([1000, 2000]);
  });

  it('is not affected by a jump of the wall clock', async () => {
    const { clock, startsMs } = counted(everySecond());
    clock.setWallMs(0);
    await clock.advance(1000);
    clock.setWallMs(9_000_000_000_000);
    await clock.advance(1000);
    expect(startsMs).toEqual([1000, 2000]);
  });

  it('leaves no timer and sets none after it is stopped', async () => {
    const plan = everySecond();
    const { clock, scheduler } = counted(plan);
    scheduler.stop();
    plan.setDue(10);
    scheduler.replan();
    expect(clock.pendingCount).toBe(0);
  });
});
