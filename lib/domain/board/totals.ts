import type { Totals } from '../session/session.ts';
import { addTokens, sumOfMinutes } from '../session/tokens.ts';
import type { Board, MachineFigures } from './board.ts';

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

/**
 * Today's sums and the tokens a minute of this machine and of all others that tell theirs, as the screen shows them. Of
 * a machine that is away nobody knows what it uses now; what it had spent today is spent.
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
