import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '../../system/folders.ts';
import type { Surroundings } from '../../system/surroundings.ts';
import { parseStat } from '../process/proc-stat.ts';

/**
 * The folder of the plugin's marker files. It is in the state folder: the runtime folder is missing without a login
 * (cron, containers, macOS) and is removed at logout, while an opencode in tmux goes on.
 */
export function markersFolder({ env, homeDir }: Surroundings): string {
  return join(stateFolder(env, homeDir), 'markers');
}

/** The log file of the plugin's own errors, in the markers folder. */
export const troubleFile = 'trouble.log';

/** The parts of a file name in the markers folder. */
export interface MarkerName {
  readonly pid: number;
  /** `boot-namespace`, or `local`: pids are only valid on one machine, during one boot, in one container. */
  readonly machine: string;
  /** True for a file that is being written, or that remains because its process was killed while writing. */
  readonly isDraft: boolean;
}

/** Parses `4242@1f0c2d3e-4026531836.json` or the name of its draft; undefined for any other name. */
export function parseMarkerName(name: string): MarkerName | undefined {
  const found = /^(?:(\d{1,10})@([\w-]{1,60})\.json|\.(\d{1,10})@([\w-]{1,60})\.draft)$/.exec(name);
  if (!found) return undefined;
  const [, pid, machine, draftPid, draftMachine] = found;
  return {
    pid: Number(pid ?? draftPid),
    machine: machine ?? draftMachine ?? '',
    isDraft: pid === undefined,
  };
}

/** The plugin's name for this boot of this machine or container. The plugin contains the same code. */
export function machineName(procRoot: string): string {
  try {
    const boot = readFileSync(join(procRoot, 'sys/kernel/random/boot_id'), 'latin1').slice(0, 8);
    return `${boot}-${readlinkSync(join(procRoot, 'self/ns/pid')).replace(/\D/g, '')}`;
  } catch {
    // There is no /proc, for example on macOS.
    return 'local';
  }
}

/** True if two machine names are from different boots, so that a pid of one is not valid in the other. */
export function isOtherBoot(machine: string, other: string): boolean {
  return machine.split('-', 1)[0] !== other.split('-', 1)[0];
}

/** The start time of a process in ticks since boot; undefined if it has ended or if there is no `/proc`. */
export function startTicksOf(procRoot: string, pid: number): number | undefined {
  try {
    return parseStat(readFileSync(join(procRoot, `${pid}/stat`), 'latin1'))?.startTicks;
  } catch {
    return undefined;
  }
}
