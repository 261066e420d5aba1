import { describe, expect, it } from 'vitest';
import { type Plan, startScheduler } from '../../lib/monitor/scheduler.ts';
import { handClock } from '../support/clock.ts';

/** A plan of one job that is due at times that a spec names. */
class Dates implements Plan<'database'> {
  readonly names = ['database'] as const;
  #dueAtMs: number | undefined;
  #isRunning = false;

  constructor(
    dueAtMs: number | undefined,
    readonly next: (atMs: number) => number | undefined,
  ) {
    this.#dueAtMs = dueAtMs;
  }

  wish(dueAtMs: number): void {
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

function counted(plan: Dates, run: () => void | Promise<void> = () => undefined) {
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

const everySecond = () => new Dates(1000, (atMs) => atMs + 1000);

describe('the scheduler', () => {
  it('starts a job when it is due, and plans anew when it ended', async () => {
    const { clock, startsMs } = counted(everySecond());
    await clock.advance(3500);
    expect(startsMs).toEqual([1000, 2000, 3000]);
  });

  it('sets its timers anew when the plan changed', async () => {
    const plan = everySecond();
    const { clock, startsMs, scheduler } = counted(plan);
    await clock.advance(100);
    plan.wish(150);
    scheduler.replan();
    scheduler.replan();
    expect(clock.pendingCount).toBe(1);
    await clock.advance(1000);
    expect(startsMs).toEqual([150]);
    await clock.advance(100);
    expect(startsMs).toEqual([150, 1150]);
  });

  it('starts nothing while nothing is due', async () => {
    const plan = new Dates(undefined, () => undefined);
    const { clock, startsMs, scheduler } = counted(plan);
    await clock.advance(60_000);
    expect([startsMs, clock.pendingCount]).toEqual([[], 0]);
    plan.wish(60_000);
    scheduler.replan();
    await clock.advance(60_000);
    expect([startsMs, clock.pendingCount]).toEqual([[60_000], 0]);
  });

  it('never runs a job beside itself, and runs it once more if it was due meanwhile', async () => {
    let finish: () => void = () => undefined;
    const plan = new Dates(1000, () => undefined);
    const { clock, startsMs, scheduler } = counted(
      plan,
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    await clock.advance(1000);
    plan.wish(1100);
    scheduler.replan();
    await clock.advance(5000);
    expect(startsMs).toEqual([1000]);
    finish();
    await clock.advance(10);
    expect(startsMs).toEqual([1000, 6000]);
  });

  it('hands what a job throws to the crash handler and goes on', async () => {
    const { clock, startsMs, errors } = counted(everySecond(), () => {
      throw new Error('a bug');
    });
    await clock.advance(2500);
    expect(errors).toHaveLength(2);
    expect(startsMs).toEqual([1000, 2000]);
  });

  it('is not moved by a wall clock that jumps', async () => {
    const { clock, startsMs } = counted(everySecond());
    clock.setWallMs(0);
    await clock.advance(1000);
    clock.setWallMs(9_000_000_000_000);
    await clock.advance(1000);
    expect(startsMs).toEqual([1000, 2000]);
  });

  it('leaves no timer behind when stopped, nor sets one', async () => {
    const plan = everySecond();
    const { clock, scheduler } = counted(plan);
    scheduler.stop();
    plan.wish(10);
    scheduler.replan();
    expect(clock.pendingCount).toBe(0);
  });
});
