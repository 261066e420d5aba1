import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { MeasuredContext } from '../../domain/session/conversation-facts.ts';
import type { AssistantMessage, ModelRef, TokenCount, TurnError } from '../../domain/session/session.ts';
import { tokenSum } from '../../domain/session/tokens.ts';
import { asDisplay, asNumber, asObject, asText, asTime, at, type JsonObject } from '../json.ts';

/** A row of `message` with its JSON parsed; `data` is undefined if it is no JSON object. */
export interface MessageRow {
  readonly id: string;
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
  readonly data: JsonObject | undefined;
}

/** The role of a message's author; undefined if it is missing or unknown. */
export function roleOf(row: MessageRow): 'user' | 'assistant' | undefined {
  const role = at(row.data, 'role');
  return role === 'user' || role === 'assistant' ? role : undefined;
}

/** An assistant message without its parts. */
export function assistantOf(row: MessageRow): Omit<AssistantMessage, 'parts'> {
  const { data } = row;
  return omitUndefined({
    id: row.id,
    createdAtMs: row.createdAtMs ?? asTime(at(data, 'time', 'created')),
    completedAtMs: asTime(at(data, 'time', 'completed')),
    updatedAtMs: row.updatedAtMs,
    finish: asDisplay(at(data, 'finish')),
    error: errorOf(asObject(at(data, 'error'))),
    agent: asDisplay(at(data, 'agent')) ?? asDisplay(at(data, 'mode')),
    model: modelOf(data),
    isSummary: at(data, 'summary') === true,
  });
}

/** Reads `{"name", "data": {"message"}}` of 1.x and `{"type", "message"}` of 2; undefined if there is no error. */
export function errorOf(error: JsonObject | undefined): TurnError | undefined {
  if (error === undefined) return undefined;
  const name = asDisplay(at(error, 'name')) ?? asDisplay(at(error, 'type')) ?? asDisplay('Error');
  if (name === undefined) return undefined;
  const message = asDisplay(at(error, 'data', 'message')) ?? asDisplay(at(error, 'message'));
  return omitUndefined({ name, message });
}

/**
 * The model of an assistant message (`providerID`, `modelID`), or of a user message or session (`model.providerID`,
 * `model.modelID` or `model.id`); undefined if either name is missing.
 */
export function modelOf(data: JsonObject | undefined): ModelRef | undefined {
  const model = asObject(at(data, 'model')) ?? data;
  const providerId = asDisplay(at(model, 'providerID'));
  const modelId = asDisplay(at(model, 'modelID')) ?? asDisplay(at(model, 'id'));
  if (providerId === undefined || modelId === undefined) return undefined;
  return omitUndefined({ providerId, modelId, variant: asDisplay(at(model, 'variant')) });
}

/** The counts of `data.tokens`; undefined if there is no such object. A missing number counts as 0, as in opencode. */
export function tokensOf(data: JsonObject | undefined): TokenCount | undefined {
  const tokens = asObject(at(data, 'tokens'));
  if (tokens === undefined) return undefined;
  return {
    input: asNumber(at(tokens, 'input')) ?? 0,
    output: asNumber(at(tokens, 'output')) ?? 0,
    reasoning: asNumber(at(tokens, 'reasoning')) ?? 0,
    cacheRead: asNumber(at(tokens, 'cache', 'read')) ?? 0,
    cacheWrite: asNumber(at(tokens, 'cache', 'write')) ?? 0,
  };
}

/** The tokens in the model's context after an assistant message; undefined if the message has no output. */
export function contextOf(messageId: string, data: JsonObject | undefined): MeasuredContext | undefined {
  const tokens = tokensOf(data);
  if (tokens === undefined || tokens.output <= 0) return undefined;
  return { messageId, tokens: tokenSum(tokens), model: modelOf(data) };
}

/** The cost of a message in US dollars; undefined if the row has none. */
export function costOf(data: JsonObject | undefined): number | undefined {
  return asNumber(at(data, 'cost'));
}

/** The id of the user message that an assistant message answers; undefined if the row has none. */
export function parentIdOf(data: JsonObject | undefined): string | undefined {
  return asText(at(data, 'parentID'));
}
