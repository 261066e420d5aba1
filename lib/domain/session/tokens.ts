import type { TokenCount } from './session.ts';

/** Two counts in one; `times` -1 takes the second away. */
export function addTokens(one: TokenCount, two: TokenCount, times: 1 | -1 = 1): TokenCount {
  return {
    input: one.input + times * two.input,
    output: one.output + times * two.output,
    reasoning: one.reasoning + times * two.reasoning,
    cacheRead: one.cacheRead + times * two.cacheRead,
    cacheWrite: one.cacheWrite + times * two.cacheWrite,
  };
}

/** All tokens, cached ones included: of a message what it put into the model's window, the figure that the TUI shows. */
export function tokenSum(tokens: TokenCount): number {
  return sentTokens(tokens) + writtenTokens(tokens);
}

/** What the model was given, cached or not. */
export function sentTokens({ input, cacheRead, cacheWrite }: TokenCount): number {
  return input + cacheRead + cacheWrite;
}

/** What the model wrote, its reasoning included. */
export function writtenTokens({ output, reasoning }: TokenCount): number {
  return output + reasoning;
}

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
