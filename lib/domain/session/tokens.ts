import type { TokenCount } from './session.ts';

/** The sum of two counts; with `times` -1 the difference. */
export function addTokens(one: TokenCount, two: TokenCount, times: 1 | -1 = 1): TokenCount {
  return {
    input: one.input + times * two.input,
    output: one.output + times * two.output,
    reasoning: one.reasoning + times * two.reasoning,
    cacheRead: one.cacheRead + times * two.cacheRead,
    cacheWrite: one.cacheWrite + times * two.cacheWrite,
  };
}

/** All tokens, cached ones included. For a message this is its use of the model's window, as the TUI shows it. */
export function tokenSum(tokens: TokenCount): number {
  return sentTokens(tokens) + writtenTokens(tokens);
}

/** The tokens sent to the model, cached or not. */
export function sentTokens({ input, cacheRead, cacheWrite }: TokenCount): number {
  return input + cacheRead + cacheWrite;
}

/** The tokens written by the model, reasoning included. */
export function writtenTokens({ output, reasoning }: TokenCount): number {
  return output + reasoning;
}

/**
 * Tokens of the last full minute of a series. The last number belongs to the running minute: it restarts at 0 every
 * minute and would look like a stop. Undefined if unknown.
 */
export function tokensLastMinute(perMinute: readonly number[] | undefined): number | undefined {
  const tokens = perMinute?.at(-2);
  return Number.isFinite(tokens) ? tokens : undefined;
}

/** The sum of series of any length; their last numbers belong to the same minute. */
export function sumOfMinutes(series: readonly (readonly number[])[]): readonly number[] {
  const [only, second] = series;
  if (only !== undefined && second === undefined) return only;
  const length = Math.max(0, ...series.map((one) => one.length));
  return Array.from({ length }, (_, index) =>
    series.reduce((sum, one) => sum + (one[index - length + one.length] ?? 0), 0),
  );
}
