import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { MeasuredContext } from '../../domain/session/conversation-facts.ts';
import type { AssistantMessage, ModelRef, TokenCount } from '../../domain/session/session.ts';
import { tokenSum } from '../../domain/session/tokens.ts';
import { asDisplay, asNumber, asObject, asText, asTime, at, type JsonObject } from '../json.ts';

/** A row of `message` whose JSON was read; `data` is absent where it is no JSON object. */
export interface MessageRow {
  readonly id: string;
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
  readonly data: JsonObject | undefined;
}

/** Whose message it is; `undefined` where the row does not say. */
export function roleOf(row: MessageRow): 'user' | 'assistant' | undefined {
  const role = at(row.data, 'role');
  return role === 'user' || role === 'assistant' ? role : undefined;
}

/** Everything of an assistant message but its parts. */
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

/** `{"name", "data": {"message"}}` of 1.x, `{"type", "message"}` of 2. */
function errorOf(error: JsonObject | undefined): AssistantMessage['error'] {
  if (error === undefined) return undefined;
  const name = asDisplay(at(error, 'name')) ?? asDisplay(at(error, 'type')) ?? asDisplay('Error');
  if (name === undefined) return undefined;
  const message = asDisplay(at(error, 'data', 'message')) ?? asDisplay(at(error, 'message'));
  return omitUndefined({ name, message });
}

/**
 * The model of a message (`providerID`, `modelID`), of a user message or session (`model.providerID`, `model.modelID` or
 * `model.id`); absent unless both names are there.
 */
export function modelOf(data: JsonObject | undefined): ModelRef | undefined {
  const model = asObject(at(data, 'model')) ?? data;
  const providerId = asDisplay(at(model, 'providerID'));
  const modelId = asDisplay(at(model, 'modelID')) ?? asDisplay(at(model, 'id'));
  if (providerId === undefined || modelId === undefined) return undefined;
  return omitUndefined({ providerId, modelId, variant: asDisplay(at(model, 'variant')) });
}

/** `data.tokens`: absent where there is no such object; a missing number in it counts 0, as opencode counts it. */
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

/** The tokens in the model's window after an assistant's message; undefined for one without output. */
export function contextOf(messageId: string, data: JsonObject | undefined): MeasuredContext | undefined {
  const tokens = tokensOf(data);
  if (tokens === undefined || tokens.output <= 0) return undefined;
  return { messageId, tokens: tokenSum(tokens), model: modelOf(data) };
}

/** US dollars of one message; absent where the row does not say. */
export function costOf(data: JsonObject | undefined): number | undefined {
  return asNumber(at(data, 'cost'));
}

/** The user message that an assistant message answers. */
export function parentIdOf(data: JsonObject | undefined): string | undefined {
  return asText(at(data, 'parentID'));
}
