import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { UserMessage } from '../../domain/session/session.ts';
import { asDisplay, at, type JsonObject } from '../json.ts';
import type { RowStamp } from './sized-json.ts';

/**
 * Classifies a user message by its parts: a request to compact, a synthetic continuation (opencode wrote every text of
 * it), or else a prompt. `text` is the first text that a person typed, if there is one. A message without parts is a
 * prompt without text.
 */
export function userMessageOf(stamp: RowStamp, parts: readonly (JsonObject | undefined)[]): UserMessage {
  const texts = parts.filter((part) => at(part, 'type') === 'text');
  const typed = texts.filter((part) => at(part, 'synthetic') !== true && at(part, 'ignored') !== true);
  const compaction = parts.some((part) => at(part, 'type') === 'compaction');
  const synthetic = texts.length > 0 && texts.length === parts.length && typed.length === 0;
  return omitUndefined({
    id: stamp.id,
    createdAtMs: stamp.createdAtMs,
    kind: compaction ? 'compaction' : synthetic ? 'synthetic' : 'prompt',
    text: (typed.length > 0 ? typed : texts)
      .map((part) => asDisplay(at(part, 'text')))
      .find((text) => text !== undefined),
  });
}
