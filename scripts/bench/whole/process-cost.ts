import { readFileSync } from 'node:fs';

const tickMs = 10;

/** CPU time of all threads of a process and of its ended children, in milliseconds; Linux only (proc(5), stat). */
export function busyMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime, stime, cutime, cstime are fields 14 to 17; the first one here is field 3, the state.
  return fields.slice(11, 15).reduce((ticks, field) => ticks + Number(field), 0) * tickMs;
}

/** Resident memory of a process in bytes; Linux only. */
export function rssBytes(pid: number): number {
  return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
