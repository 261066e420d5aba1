import { readFileSync } from 'node:fs';

/** Statistics of measured times, in milliseconds. */
export interface Durations {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly count: number;
}

/** Returns the median; NaN for an empty list. */
export function medianOf(numbers: readonly number[]): number {
  return [...numbers].sort((one, two) => one - two)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Returns the statistics of times in milliseconds; NaN for an empty list. */
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

/** Runs `work` and returns its result with the time it took. Throws what `work` throws. */
export function timed<T>(work: () => T): Timed<T> {
  const busyBefore = process.cpuUsage();
  const threadBefore = threadMs();
  const from = performance.now();
  const value = work();
  const ms = performance.now() - from;
  // Reading the CPU time of the process makes the kernel update this thread's; otherwise it changes in ticks of 4 ms. The
  // process's own time includes V8's compiler threads.
  const { user, system } = process.cpuUsage(busyBefore);
  const ownMs = (threadMs() ?? Number.NaN) - (threadBefore ?? Number.NaN);
  return { value, ms, busyMs: Math.min(ms, Number.isNaN(ownMs) ? (user + system) / 1000 : ownMs) };
}

/** A result with the time it took, in milliseconds. */
export interface Timed<T> {
  readonly value: T;
  readonly ms: number;
  /** The CPU time of this thread in it: without waiting for the disk or for other programs. */
  readonly busyMs: number;
}

/** The CPU time of this thread in milliseconds; undefined on systems other than Linux. */
function threadMs(): number | undefined {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    // Not Linux. The caller uses the time of the process.
    return undefined;
  }
}
