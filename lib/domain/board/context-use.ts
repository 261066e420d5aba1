import { omitUndefined } from '../omit-undefined.ts';
import type { ModelLookup } from '../session/model-facts.ts';
import type { Session } from '../session/session.ts';
import type { ContextUse } from './board.ts';

/**
 * How full the model's window was after the last message with output: that message's tokens over the limit of the
 * model it was measured on, the TUI's own figure (opencode.md, "Context used"), never a sum over messages. A side that
 * is unknown is absent, and then so is the percentage.
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
