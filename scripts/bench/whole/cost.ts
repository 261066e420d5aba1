import { setTimeout as pause } from 'node:timers/promises';
import type { MonitorProgram } from './monitors.ts';
import { busyMs, rssBytes } from './process-cost.ts';
import { PtyProgram } from './pty.ts';

/** What a monitor cost while it watched. */
export interface WatchCost {
  readonly name: string;
  /** Of one core, over the whole time, its children included. */
  readonly cpuPercent: number;
  readonly rssBytes: number;
}

/** Where monitors are started, and with what environment. */
export interface WatchPlace {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Ten seconds without an event, and otop is at rest. */
export const settleMs = 15_000;

/**
 * Lets all monitors watch the same sessions at the same time, each in a terminal of 160x45, and measures each for
 * `watchMs` after they have settled.
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
