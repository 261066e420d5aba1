import { readFileSync } from 'node:fs';

/** What a row of measured times says, in milliseconds. */
export interface Durations {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly count: number;
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
  const { user, system } = process.cpuUsage(busyBefore);
  const processMs = (user + system) / 1000;
  // The kernel counts a thread's time in ticks of 4 ms and the process's exactly, but with its compiling threads.
  const ownMs = ms > 20 ? (threadMs() ?? Number.NaN) - (threadBefore ?? Number.NaN) : processMs;
  return { value, ms, busyMs: Math.min(ms, Number.isNaN(ownMs) ? processMs : ownMs) };
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

/** By how much y grows with each x: the slope of the line with the least squares. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (place: 0 | 1) => points.reduce((sum, point) => sum + point[place], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
