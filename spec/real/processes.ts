import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // the process has ended or belongs to another user
  }
}

/** Returns the pids of all processes with the rig's mark in their environment. */
export function markedPids(mark: string): readonly number[] {
  const entry = `OTOP_RIG=${mark}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => read(`/proc/${name}/environ`).split('\0').includes(entry))
    .map(Number);
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

/** True if this pid is opencode itself, not a shell, node or a tool's command. */
export function isOpencode(pid: number): boolean {
  try {
    return /^\.?opencode(\.exe)?$/.test(basename(readlinkSync(`/proc/${pid}/exe`)));
  } catch {
    return false;
  }
}

/** Returns all descendants of a process among the rig's processes, nearest first. */
export function descendants(mark: string, ancestor: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const pid of markedPids(mark)) {
    const parent = parentOf(pid);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  for (let level = [ancestor]; level.length > 0; ) {
    level = level.flatMap((pid) => children.get(pid) ?? []);
    found.push(...level);
  }
  return found;
}

/** Returns the pid of the opencode process below a pane's shell, or undefined if there is none. */
export function opencodeUnder(mark: string, shellPid: number): number | undefined {
  return descendants(mark, shellPid).find(isOpencode);
}

/** Sends a signal; does nothing if the process has ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Ends every process with the mark: first by SIGTERM, then by SIGKILL. */
export async function endMarked(mark: string): Promise<void> {
  for (const name of ['SIGTERM', 'SIGKILL', 'SIGKILL'] as const) {
    const left = markedPids(mark).filter((pid) => pid !== process.pid);
    for (const pid of left) signal(pid, name);
    if (left.length > 0) await sleep(500);
  }
}
