import { omitUndefined } from '../../domain/omit-undefined.ts';
import { openProc } from './proc.ts';
import { isDead } from './proc-stat.ts';
import { listProcesses } from './process-table.ts';

/** The start time, which distinguishes processes with the same pid, and the owner of a process. */
export interface PresentProcess {
  readonly startedAtMs?: number;
  readonly userId?: number;
}

/**
 * Reads one process, to check it just before it gets a signal. Resolves to undefined if it has ended. Rejects if the
 * process table of the system cannot be read.
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
