import type { Board, MachineFigures } from './board.ts';
import { sumOfMinutes } from './rate.ts';
import { addTotals } from './totals.ts';

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
