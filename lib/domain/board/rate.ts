/**
 * Tokens of the last full minute, of a series whose last number is the running minute's: that one starts at 0 every
 * minute and would read as a stop. Absent where nothing is known.
 */
export function tokensLastMinute(perMinute: readonly number[] | undefined): number | undefined {
  const tokens = perMinute?.at(-2);
  return Number.isFinite(tokens) ? tokens : undefined;
}

/** The sum of series whose last numbers are of one minute, however far back each goes. */
export function sumOfMinutes(series: readonly (readonly number[])[]): readonly number[] {
  const [only, second] = series;
  if (only !== undefined && second === undefined) return only;
  const length = Math.max(0, ...series.map((one) => one.length));
  return Array.from({ length }, (_, index) =>
    series.reduce((sum, one) => sum + (one[index - length + one.length] ?? 0), 0),
  );
}
