import { readFileSync } from 'node:fs';

/** What a row of measured times says, in milliseconds. */
export interface Durations {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly count: number;
}

/** The middle one of some numbers; NaN of none. */
export function medianOf(numbers: readonly number[]): number {
  return [...numbers].sort((one, two) => one - two)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Median, 99th percentile and longest of some times; NaN of none. */
export function durationsOf(times: readonly number[]): Durations {
  const sorted = [...times].sort((one, two) => one - two);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return {
    medianMs: at(0.5) ?? Number.NaN,
    p99Ms: at(0.99) ?? Number.NaN,
    longestMs: at(1) ?? Number.NaN,
    count: sorted.length,
  };
}

/** What `work` gives, and how long it took. */
export function timed<T>(work: () => T): Timed<T> {
  const busyBefore = process.cpuUsage();
  const threadBefore = threadMs();
  const from = performance.now();
  const value = work();
  const ms = performance.now() - from;
  // Asking for the process's time, which has its compiling threads in it, brings the kernel's count of this thread's up to
  // date: by itself that goes on in ticks of 4 ms.
  const { user, system } = process.cpuUsage(busyBefore);
  const ownMs = (threadMs() ?? Number.NaN) - (threadBefore ?? Number.NaN);
  return { value, ms, busyMs: Math.min(ms, Number.isNaN(ownMs) ? (user + system) / 1000 : ownMs) };
}

/** A result with the time it took. */
export interface Timed<T> {
  readonly value: T;
  readonly ms: number;
  /** The part of it in which the work had a processor; others had it for the rest. Reading the disk is not in it. */
  readonly busyMs: number;
}

/** Milliseconds that this thread has run; Linux only. */
function threadMs(): number | undefined {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    // Another system: the process's time has to do.
    return undefined;
  }
}
