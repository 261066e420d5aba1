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
