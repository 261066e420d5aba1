import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '../../system/folders.ts';
import type { Surroundings } from '../../system/surroundings.ts';
import { parseStat } from '../process/proc-stat.ts';

/**
 * The folder of the plugin's marker files. In the state folder, since the runtime one is missing where nobody logged in
 * (cron, containers, macOS) and goes at logout, which an opencode in tmux outlives.
 */
export function markersFolder({ env, homeDir }: Surroundings): string {
  return join(stateFolder(env, homeDir), 'markers');
}

/** The plugin's own words on what went wrong inside of opencode. */
export const troubleFile = 'trouble.log';

/** A file of the markers folder, by its name. */
export interface MarkerName {
  readonly pid: number;
  /** `boot-namespace`, or `local`: process numbers mean something on this machine, since this boot, in this container only. */
  readonly machine: string;
  /** Being written; left behind where its process was killed meanwhile. */
  readonly isDraft: boolean;
}

/** `4242@1f0c2d3e-4026531836.json`, or its draft; undefined for what is not the plugin's. */
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

/** The name that the plugin gives to this boot of this machine (or container); the same lines are in the plugin. */
export function machineName(procRoot: string): string {
  try {
    const boot = readFileSync(join(procRoot, 'sys/kernel/random/boot_id'), 'latin1').slice(0, 8);
    return `${boot}-${readlinkSync(join(procRoot, 'self/ns/pid')).replace(/\D/g, '')}`;
  } catch {
    // No /proc, as on macOS.
    return 'local';
  }
}

/** True for two boots of what may be one machine: the number of the first means nothing any more in the second. */
export function isOtherBoot(machine: string, other: string): boolean {
  return machine.split('-', 1)[0] !== other.split('-', 1)[0];
}

/** When a process was started, in ticks since boot; undefined where it is gone or there is no `/proc`. */
export function startTicksOf(procRoot: string, pid: number): number | undefined {
  try {
    return parseStat(readFileSync(join(procRoot, `${pid}/stat`), 'latin1'))?.startTicks;
  } catch {
    return undefined;
  }
}
