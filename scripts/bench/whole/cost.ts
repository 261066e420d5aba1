import { setTimeout as pause } from 'node:timers/promises';
import type { MonitorProgram } from './monitors.ts';
import { busyMs, rssBytes } from './process-cost.ts';
import { PtyProgram } from './pty.ts';
import type { BenchStage } from './stage.ts';

/** What a monitor cost while it watched. */
export interface WatchCost {
  readonly name: string;
  /** Of one core, over the whole time, its children included. */
  readonly cpuPercent: number;
  readonly rssBytes: number;
}

/** Ten seconds without an event, and otop is at rest. */
const settleMs = 15_000;
const beatMs = 500;

/**
 * Lets all monitors watch the same fleet at the same time, each in a terminal of 160x45, and measures each for `watchMs`
 * after they have settled. `working` sessions have an event twice a second each.
 */
export async function watchCosts(
  stage: BenchStage,
  programs: readonly MonitorProgram[],
  working: number,
  watchMs: number,
): Promise<WatchCost[]> {
  const running = programs
    .filter(({ version }) => version !== undefined)
    .map(({ name, command }) => ({ name, pty: new PtyProgram(stage.folder, 160, 45, stage.env, command) }));
  const beating = setInterval(() => stage.fleet.beat(working), beatMs);
  try {
    await pause(settleMs);
    const before = running.map(({ pty }) => busyMs(pty.pid));
    const from = performance.now();
    await pause(watchMs);
    const spanMs = performance.now() - from;
    return running.map(({ name, pty }, index) => ({
      name,
      cpuPercent: ((busyMs(pty.pid) - (before[index] ?? 0)) / spanMs) * 100,
      rssBytes: rssBytes(pty.pid),
    }));
  } finally {
    clearInterval(beating);
    await Promise.all(running.map(({ pty }) => pty.close()));
  }
}
