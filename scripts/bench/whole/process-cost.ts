import { readFileSync } from 'node:fs';

const tickMs = 10;

/** Processor time of a process and the children it waited for, all threads, in milliseconds; Linux (proc(5), stat). */
export function busyMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime, stime, cutime, cstime are fields 14 to 17, and the state, the first here, is field 3.
  return fields.slice(11, 15).reduce((ticks, field) => ticks + Number(field), 0) * tickMs;
}

/** Resident memory in bytes. */
export function rssBytes(pid: number): number {
  return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
