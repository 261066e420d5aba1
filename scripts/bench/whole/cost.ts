import { setTimeout as pause } from 'node:timers/promises';
import type { MonitorProgram } from './monitors.ts';
import { busyMs, rssBytes } from './process-cost.ts';
import { PtyProgram } from './pty.ts';

/** The cost of a monitor over the measured time. */
export interface WatchCost {
  readonly name: string;
  /** CPU time over the measured time, in percent of one core; includes child processes that have ended. */
  readonly cpuPercent: number;
  readonly rssBytes: number;
}

/** The folder and the environment of the monitors. */
export interface WatchPlace {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** otop lengthens its tick after ten seconds without an event (`restAfterMs` in lib/monitor/refresh-policy.ts). */
export const settleMs = 15_000;

/**
 * Runs all monitors at the same time with the same sessions, each in a terminal of 160x45, and measures each for `watchMs`
 * after they have settled. Skips monitors that the machine does not have.
 */
export async function watchCosts(
  { folder, env }: WatchPlace,
  programs: readonly MonitorProgram[],
  watchMs: number,
): Promise<WatchCost[]> {
  const running = programs
    .filter(({ version }) => version !== undefined)
    .map(({ name, command }) => ({ name, pty: new PtyProgram(folder, 160, 45, env, command) }));
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
    await Promise.all(running.map(({ pty }) => pty.close()));
  }
}
