/**
 * Tokens of the last full minute, of a series whose last number is the running minute's: that one starts at 0 every
 * minute and would read as a stop. Absent where nothing is known.
 */
export function tokensLastMinute(perMinute: readonly number[] | undefined): number | undefined {
  const tokens = perMinute?.at(-2);
  return Number.isFinite(tokens) ? tokens : undefined;
}
