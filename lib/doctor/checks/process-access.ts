import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isServer } from '../../domain/process/process.ts';
import { isPrivateServer, isRacing, isService } from '../../domain/process/viewers.ts';
import { duration } from '../../text/format.ts';
import { sanitize } from '../../text/sanitize.ts';
import { type DoctorContext, type Finding, ok, troublesOf, warning } from '../finding.ts';
import { runningVersion } from './programs.ts';

/** Checks whether processes are visible, and whether their folders and files are readable. */
export function checkProcesses(context: DoctorContext): readonly Finding[] {
  const { processes, board } = context;
  const closed = processes.filter(({ missing }) => missing.length > 0);
  const troubles = troublesOf(board, 'problem', 'processes');
  const pids = closed.map(({ pid }) => pid).join(', ');
  const reasons = [...new Set(closed.flatMap(({ missing }) => missing))].join('; ');
  return [
    ...hiddenProcesses(context),
    ...troubles,
    ...(closed.length > 0
      ? [
          warning(
            `${closed.length} of ${processes.length} opencode processes can be read only in part (${pids}): ${reasons}`,
            'run otop as the user that runs them',
          ),
        ]
      : troubles.length > 0
        ? []
        : [ok(`all opencode processes can be read (${processes.length})`)]),
  ];
}

/**
 * Says what each server speaks, and when it was last heard. Without a connection to a service of opencode 2 its permissions
 * and questions cannot be seen.
 */
export function checkServers(context: DoctorContext): readonly Finding[] {
  const { processes, links, board } = context;
  if (links === undefined) return [];
  return processes.flatMap((process): Finding[] => {
    const { pid } = process;
    const link = links.get(pid);
    const isOfTwo = isService(process) || isPrivateServer(process);
    if (isRacing(process, processes, board.atMs)) return [];
    // A TUI may listen because of a plugin: then a failure says nothing.
    if (link?.state !== 'live' && !(isOfTwo || (link && isServer(process)))) return [];
    const heard =
      link?.heardAtMs === undefined ? '' : `, last heard ${duration(board.atMs - link.heardAtMs)} ago`;
    const subject = `pid ${pid}, opencode ${runningVersion(process, context)}`;
    if (link?.state === 'live') return [ok(`${subject}: ${link.api ?? 'connected'}${heard}`)];
    const reason = link === undefined ? 'no known port' : (link.why ?? 'no answer yet');
    const unseen = isOfTwo ? '; its permissions cannot be seen' : '';
    return [{ level: 'warning', text: sanitize(`${subject}: ${reason}${heard}${unseen}`) }];
  });
}

/** Linux: `hidepid` of /proc hides processes of other users, and in some containers all processes. */
function hiddenProcesses({ procRoot }: DoctorContext): Finding[] {
  const mounts = textOf(join(procRoot, 'self', 'mounts'));
  const options = mounts?.split('\n').findLast((line) => line.startsWith('proc /proc '));
  const hidden = /\bhidepid=(\w+)/.exec(options ?? '')?.[1];
  if (hidden === undefined || hidden === '0' || hidden === 'off') return [];
  return [
    warning(
      `/proc is mounted with hidepid=${hidden}`,
      'to see the processes of other users, mount /proc without hidepid',
    ),
  ];
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The system is not Linux.
    return undefined;
  }
}
