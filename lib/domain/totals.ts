import type { TokenCount, Totals } from './session.ts';

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

/** The sums of several databases, or of several machines, in one; the cost is unknown where both are. */
export function addTotals(one: Totals, two: Totals): Totals {
  const costs = [one.cost, two.cost].filter((cost) => cost !== undefined);
  return {
    sessionCount: one.sessionCount + two.sessionCount,
    messageCount: one.messageCount + two.messageCount,
    tokens: addTokens(one.tokens, two.tokens),
    ...(costs.length > 0 && { cost: costs.reduce((sum, cost) => sum + cost) }),
  };
}
