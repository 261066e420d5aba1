import { describe, expect, it } from 'vitest';
import { startScheduler, type Task } from '../../lib/monitor/scheduler.ts';
import { handClock } from '../support/clock.ts';

function counted(over: Partial<Task> = {}) {
  const startsMs: number[] = [];
  const clock = handClock();
  const task: Task = {
    name: 'database',
    intervalMs: 1000,
    gapMs: 50,
    run: () => undefined,
    ...over,
  };
  const counting: Task = {
    ...task,
    run: () => {
      startsMs.push(clock.monotonicMs());
      return task.run();
    },
  };
  const errors: unknown[] = [];
  const scheduler = startScheduler([counting], clock, (error) => errors.push(error));
  return { clock, startsMs, scheduler, errors };
}

describe('the scheduler', () => {
  it('runs a task on its slow tick', async () => {
    const { clock, startsMs } = counted();
    await clock.advance(3500);
    expect(startsMs).toEqual([1000, 2000, 3000]);
  });

  it('makes one run of a burst of hints, and keeps the gap between runs', async () => {
    const { clock, startsMs, scheduler } = counted();
    await clock.advance(100);
    for (let n = 0; n < 1000; n++) scheduler.hint('database');
    await clock.advance(1);
    for (let n = 0; n < 1000; n++) scheduler.hint('database');
    await clock.advance(200);
    expect(startsMs).toEqual([100, 150]);
  });

  it('waits a moment after a first hint for those that follow, and keeps the tick', async () => {
    const { clock, startsMs, scheduler } = counted({ settleMs: 15 });
    await clock.advance(100);
    scheduler.hint('database');
    await clock.advance(14);
    scheduler.hint('database');
    expect(startsMs).toEqual([]);
    await clock.advance(2000);
    expect(startsMs).toEqual([115, 1115]);
  });

  it('asks for its tick anew after each run', async () => {
    let tickMs = 1000;
    const { clock, startsMs } = counted({ intervalMs: () => tickMs });
    await clock.advance(999);
    tickMs = 4000;
    await clock.advance(9000);
    expect(startsMs).toEqual([1000, 5000, 9000]);
  });

  it('never runs a task beside itself, and runs it once more if it was hinted meanwhile', async () => {
    let finish: () => void = () => undefined;
    const { clock, startsMs, scheduler } = counted({
      run: () => new Promise<void>((resolve) => (finish = resolve)),
    });
    await clock.advance(1000);
    scheduler.hint('database');
    scheduler.hint('database');
    await clock.advance(5000);
    expect(startsMs).toEqual([1000]);
    finish();
    await clock.advance(10);
    expect(startsMs).toEqual([1000, 6000]);
  });

  it('runs a task without a tick only when hinted', async () => {
    const clock = handClock();
    let runs = 0;
    const task: Task = {
      name: 'log',
      gapMs: 50,
      run: () => {
        runs += 1;
      },
    };
    const scheduler = startScheduler([task], clock, () => undefined);
    await clock.advance(60_000);
    expect(runs).toBe(0);
    scheduler.hint('log');
    await clock.advance(60_000);
    expect(runs).toBe(1);
    expect(clock.pendingCount).toBe(0);
  });

  it('hands what a task throws to the crash handler and goes on', async () => {
    const { clock, startsMs, errors } = counted({
      run: () => {
        throw new Error('a bug');
      },
    });
    await clock.advance(2500);
    expect(errors).toHaveLength(2);
    expect(startsMs).toEqual([1000, 2000]);
  });

  it('is not moved by a wall clock that jumps', async () => {
    const { clock, startsMs } = counted();
    clock.setWallMs(0);
    await clock.advance(1000);
    clock.setWallMs(9_000_000_000_000);
    await clock.advance(1000);
    expect(startsMs).toEqual([1000, 2000]);
  });

  it('leaves no timer behind when stopped', async () => {
    const { clock, scheduler } = counted();
    scheduler.hint('database');
    scheduler.stop();
    expect(clock.pendingCount).toBe(0);
  });
});
