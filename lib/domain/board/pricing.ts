import { omitUndefined } from '../omit-undefined.ts';
import type { ModelLookup, ModelPrice } from '../session/model-facts.ts';
import type { Session } from '../session/session.ts';
import { tokenSum } from '../session/tokens.ts';
import type { Row } from './board.ts';

/**
 * A session's own cost in US dollars, subagents excluded. opencode writes 0 where it knows no price, so 0 counts
 * only where the model is known to be free, or has a price and used no tokens; else the cost is unknown.
 */
export function ownCost(session: Session, lookup: ModelLookup): number | undefined {
  const { cost, tokens } = session;
  if (cost === undefined || cost !== 0) return cost;
  const model = session.model ?? session.contextModel;
  const price = model && lookup(model, session.directoryPath)?.price;
  if (price === undefined) return undefined;
  return isFree(price) || (tokens !== undefined && tokenSum(tokens) === 0) ? 0 : undefined;
}

/**
 * A root's cost, own and with its subagents at any depth. The total is unknown as soon as a subagent that used
 * tokens has an unknown cost: a sum that leaves something out would be a wrong figure, not a missing one.
 */
export function costWithSubagents(
  session: Session,
  subagents: readonly Session[],
  lookup: ModelLookup,
): NonNullable<Row['cost']> {
  const own = ownCost(session, lookup);
  const all = [session, ...subagents].filter((one) => one === session || usedTokens(one));
  const costs = all.map((one) => ownCost(one, lookup)).filter((cost) => cost !== undefined);
  const isWhole = costs.length === all.length;
  const total = isWhole ? costs.reduce((sum, cost) => sum + cost, 0) : undefined;
  return omitUndefined({ own, total });
}

/** True unless the session is known to have used none: a subagent that has not begun costs nothing. */
function usedTokens({ tokens }: Session): boolean {
  return tokens === undefined || tokenSum(tokens) > 0;
}

function isFree(price: ModelPrice): boolean {
  const figures = [price.input, price.output, price.cacheRead, price.cacheWrite];
  return price.input === 0 && price.output === 0 && figures.every((figure) => (figure ?? 0) === 0);
}
