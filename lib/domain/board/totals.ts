import type { Totals } from '../session/session.ts';
import { addTokens } from '../session/token-sums.ts';

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
