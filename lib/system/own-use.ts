import { availableParallelism, loadavg } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Clock } from './clock.ts';

/** Measures the CPU time and memory that otop itself uses. */
export interface OwnMeter {
  /** Records how long a frame took, from its cause to the last cell, in milliseconds. */
  frame(ms: number): void;
  /** Returns the CPU percentage and memory, measured anew at most once a second, and the last frame's time. */
  read(): { readonly rssBytes: number; readonly cpuPercent?: number; readonly frameMs?: number };
}

/** The clock's resolution is too coarse for shorter spans. */
const minSpanMs = 1000;

/** Returns a meter of this process. `usage` returns its CPU time in microseconds and its resident memory in bytes. */
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
      if (spanMs >= minSpanMs) {
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

/** Returns this process's CPU time and resident memory from the kernel. */
export function processUse(): { readonly cpuMicros: number; readonly rssBytes: number } {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() };
}

/** Caches the load, since the kernel updates it every five seconds and every file event reads it. */
const loadCacheMs = 1000;
let load = { atMs: Number.NEGATIVE_INFINITY, perCore: 0 };

/** Returns the load average of the last minute divided by the count of processors, at most a second old. */
export function loadPerCore(monotonicMs = performance.now()): number {
  if (monotonicMs - load.atMs >= loadCacheMs)
    load = { atMs: monotonicMs, perCore: (loadavg()[0] ?? 0) / availableParallelism() };
  return load.perCore;
}

/** Above this share of its heap limit V8 may abort at any time, which no code can catch. */
const maxHeapShare = 0.85;

/**
 * Throws a RangeError before V8 aborts, since an abort skips restoring the terminal. A single huge allocation can still
 * abort first.
 */
export function guardHeap({ used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()): void {
  if (used > limit * maxHeapShare)
    throw new RangeError(
      `out of memory: ${Math.round(used / 2 ** 20)} of ${Math.round(limit / 2 ** 20)} MB are in use`,
    );
}
