import { readdirSync } from 'node:fs';

/** Resources that must not grow in a process that runs for weeks. */
export interface Sample {
  readonly tick: number;
  readonly heapBytes: number;
  /** Memory outside V8's heap: SQLite's memory, buffers. */
  readonly externalBytes: number;
  readonly rssBytes: number;
  /** Undefined without `/proc`. */
  readonly descriptors?: number;
  readonly timers: number;
  readonly listeners: number;
}

/** Takes a sample; after a garbage collection if Node was started with `--expose-gc`. */
export async function takeSample(tick: number): Promise<Sample> {
  // Finalisers and timers of this turn run first.
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const descriptors = countDescriptors();
  return {
    tick,
    heapBytes: heapUsed,
    externalBytes: external,
    rssBytes: rss,
    ...(descriptors !== undefined && { descriptors }),
    timers: process.getActiveResourcesInfo().filter((kind) => /Timeout|Immediate|FSEvent/.test(kind)).length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}

function countDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    // Not Linux.
    return undefined;
  }
}

/** Returns the slope of a straight line through the second half of the samples, per thousand ticks. */
export function slopeOf(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const ticks = mean(half.map(({ tick }) => tick));
  const values = mean(half.map(of));
  const spread = half.reduce((sum, { tick }) => sum + (tick - ticks) ** 2, 0);
  const rise = half.reduce((sum, sample) => sum + (sample.tick - ticks) * (of(sample) - values), 0);
  return spread === 0 ? 0 : (rise / spread) * 1000;
}
