import { omitUndefined } from '../omit-undefined.ts';
import type { ModelLookup, ModelPrice } from '../session/model-facts.ts';
import type { Session } from '../session/session.ts';
import { tokenSum } from '../session/tokens.ts';
import type { ContextUse, Row } from './board.ts';

/**
 * A session's own cost in US dollars, without subagents; undefined if unknown. opencode also writes 0 if it knows no
 * price. So 0 counts only if the model has a price, and is free or used no tokens.
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
 * A root's cost in US dollars, own and with its subagents at any depth. The total is absent if any subagent that used
 * tokens has an unknown cost: a partial sum would be wrong.
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

/** False only for a session that certainly used no tokens: a subagent before its first step costs nothing. */
function usedTokens({ tokens }: Session): boolean {
  return tokens === undefined || tokenSum(tokens) > 0;
}

function isFree(price: ModelPrice): boolean {
  const figures = [price.input, price.output, price.cacheRead, price.cacheWrite];
  return price.input === 0 && price.output === 0 && figures.every((figure) => (figure ?? 0) === 0);
}

/**
 * The use of the model's window after the last message with output: the tokens of this message divided by the limit of
 * its model, as in the TUI (opencode.md, "Context used"), never a sum over messages. Unknown fields are absent; the
 * percentage needs both.
 */
export function contextUse(session: Session, lookup: ModelLookup): ContextUse {
  const model = session.contextModel ?? session.model;
  const limit = model && lookup(model, session.directoryPath)?.contextLimitTokens;
  const limitTokens = limit !== undefined && limit > 0 ? limit : undefined;
  const usedTokens = session.contextTokens;
  return omitUndefined({
    usedTokens,
    limitTokens,
    percent:
      usedTokens === undefined || limitTokens === undefined ? undefined : (usedTokens / limitTokens) * 100,
  });
}
