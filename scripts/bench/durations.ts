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
export function timed<T>(work: () => T): { readonly value: T; readonly ms: number } {
  const from = performance.now();
  const value = work();
  return { value, ms: performance.now() - from };
}

/** By how much y grows with each x: the slope of the line with the least squares. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (place: 0 | 1) => points.reduce((sum, point) => sum + point[place], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
