import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DoctorContext, type Finding, ok, troublesOf, warning } from '../finding.ts';

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
