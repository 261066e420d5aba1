import { availableParallelism, loadavg } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Clock } from './clock.ts';

/** Measures what otop itself costs. */
export interface OwnMeter {
  /** Notes how long a frame took, from its cause to the last cell. */
  frame(ms: number): void;
  /** The processor rate since the last call at least a second ago, memory, and the last frame's time. */
  read(): { readonly rssBytes: number; readonly cpuPercent?: number; readonly frameMs?: number };
}

/** Shorter spans would measure the clock's grain. */
const leastSpanMs = 1000;

/** A meter of this process; `usage` gives its processor time in microseconds and its resident memory. */
export function ownMeter(
  clock: Pick<Clock, 'monotonicMs'>,
  usage: () => { readonly cpuMicros: number; readonly rssBytes: number },
): OwnMeter {
  let atMs = clock.monotonicMs();
  let { cpuMicros, rssBytes } = usage();
  let cpuPercent: number | undefined;
  let frameMs: number | undefined;
  return {
    frame(ms) {
      frameMs = ms;
    },
    read() {
      const spanMs = clock.monotonicMs() - atMs;
      if (spanMs >= leastSpanMs) {
        const now = usage();
        cpuPercent = (now.cpuMicros - cpuMicros) / spanMs / 10;
        atMs += spanMs;
        cpuMicros = now.cpuMicros;
        rssBytes = now.rssBytes;
      }
      return {
        rssBytes,
        ...(cpuPercent !== undefined && { cpuPercent }),
        ...(frameMs !== undefined && { frameMs }),
      };
    },
  };
}

/** This process's use, as the kernel counts it. */
export function processUse(): { readonly cpuMicros: number; readonly rssBytes: number } {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() };
}

/** The kernel takes it anew every five seconds, and every file event asks. */
const loadLastsMs = 1000;
let load = { atMs: Number.NEGATIVE_INFINITY, perCore: 0 };

/** The load average of the last minute for each processor, at most a second old. */
export function loadPerCore(monotonicMs = performance.now()): number {
  if (monotonicMs - load.atMs >= loadLastsMs)
    load = { atMs: monotonicMs, perCore: (loadavg()[0] ?? 0) / availableParallelism() };
  return load.perCore;
}

/** From this share of V8's limit on, V8 itself may end the process at any moment, which nothing in it could catch. */
const fullShare = 0.85;

/**
 * Throws while there still is memory to leave in order: V8's own end out of memory is an abort, which leaves the terminal as
 * it is. What takes the rest at one stroke is not seen coming.
 */
export function guardHeap({ used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()): void {
  if (used > limit * fullShare)
    throw new RangeError(
      `out of memory: ${Math.round(used / 2 ** 20)} of ${Math.round(limit / 2 ** 20)} MB are in use`,
    );
}
