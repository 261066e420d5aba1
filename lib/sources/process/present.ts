import { omitUndefined } from '../../domain/omit-undefined.ts';
import { openProc } from './proc.ts';
import { isDead } from './proc-stat.ts';
import { listProcesses } from './process-table.ts';

/** What tells one process from another of the same number, and whose it is. */
export interface PresentProcess {
  readonly startedAtMs?: number;
  readonly userId?: number;
}

/**
 * Looks at one process this moment, right before something is done to it; undefined where it has ended. Rejects where
 * the system's process table cannot be read.
 */
export async function presentProcess(
  pid: number,
  machine: { readonly platform: NodeJS.Platform; readonly procRoot: string; readonly nowMs: number },
): Promise<PresentProcess | undefined> {
  if (machine.platform !== 'linux') return (await listProcesses()).get(pid);
  const proc = openProc(machine.procRoot);
  const stat = proc.stat(pid);
  if (!stat || isDead(stat)) return undefined;
  const bootedAtMs = proc.bootedAtMs(machine.nowMs);
  const userId = proc.userId(pid);
  const { ticksPerSecond } = proc.units();
  const startedAtMs =
    bootedAtMs === undefined ? undefined : bootedAtMs + (stat.startTicks / ticksPerSecond) * 1000;
  return omitUndefined({ startedAtMs, userId });
}
