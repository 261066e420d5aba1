import { omitUndefined } from '../omit-undefined.ts';
import type { ModelLookup } from '../session/model-facts.ts';
import type { Session } from '../session/session.ts';
import type { ContextUse } from './board.ts';

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
