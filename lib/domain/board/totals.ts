import type { Totals } from '../session/session.ts';
import { addTokens, sumOfMinutes } from '../session/tokens.ts';
import type { Board, MachineFigures } from './board.ts';

/** The sum of two totals, of databases or of machines. The cost is absent only if both costs are unknown. */
export function addTotals(one: Totals, two: Totals): Totals {
  const costs = [one.cost, two.cost].filter((cost) => cost !== undefined);
  return {
    sessionCount: one.sessionCount + two.sessionCount,
    messageCount: one.messageCount + two.messageCount,
    tokens: addTokens(one.tokens, two.tokens),
    ...(costs.length > 0 && { cost: costs.reduce((sum, cost) => sum + cost) }),
  };
}

/**
 * Today's sums and the tokens per minute of this machine and all others, as the screen shows them. A machine that is
 * away counts in today's sums, but not in the tokens per minute, since its current use is unknown.
 */
export function figuresOfAll({ today, tokensPerMinute, hosts }: Board): MachineFigures {
  const live = hosts.filter(({ link }) => link === 'live');
  const totals = [today, ...hosts.map(({ figures }) => figures?.today)].filter((each) => each !== undefined);
  const [first, ...others] = totals;
  return {
    ...(first !== undefined && { today: others.reduce(addTotals, first) }),
    tokensPerMinute: sumOfMinutes([
      tokensPerMinute,
      ...live.map(({ figures }) => figures?.tokensPerMinute ?? []),
    ]),
  };
}
