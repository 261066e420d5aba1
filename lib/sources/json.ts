import { isSessionId } from '../domain/session/session-id.ts';
import { type DisplayText, detached, sanitize } from '../text/sanitize.ts';

/** A JSON object out of a column, whose fields may be anything. */
export type JsonObject = { readonly [key: string]: unknown };

/** Longer texts are cut before they are sanitised: no cell shows more, and a tool's input can be megabytes. */
const longestText = 600;

/** The object a column holds; `undefined` for what is not text, not JSON, or not an object. Never throws. */
export function parseObject(column: unknown): JsonObject | undefined {
  if (typeof column !== 'string') return undefined;
  try {
    return asObject(JSON.parse(column));
  } catch {
    return undefined;
  }
}

/** The value itself where it is a JSON object. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** The value itself where it is an array, else none of its elements. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The JSON objects of an array; none where the value is no array. */
export function asObjects(value: unknown): readonly JsonObject[] {
  return asArray(value)
    .map(asObject)
    .filter((each) => each !== undefined);
}

/** The value at a path of keys; `undefined` where any step is missing or no object. */
export function at(object: JsonObject | undefined, ...path: readonly string[]): unknown {
  let value: unknown = object;
  for (const key of path) {
    const step = asObject(value);
    if (step === undefined || !Object.hasOwn(step, key)) return undefined;
    value = step[key];
  }
  return value;
}

/** A finite number, else `undefined`: never NaN, never a number written as text. */
export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Beyond this there are no dates (ECMAScript, 21.4.1.1); a day less, for places east and west of UTC. */
const latestMs = 8.64e15 - 86_400_000;

/** A time in epoch ms: a positive number. opencode writes 0 nowhere, so 0 is "unknown". */
export function asTime(value: unknown): number | undefined {
  const time = asNumber(value);
  return time !== undefined && time > 0 && time < latestMs ? time : undefined;
}

/** A whole number that is not negative. */
export function asCount(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}

/** A session's id; `undefined` for what cannot be one. */
export function asSessionId(value: unknown): string | undefined {
  return typeof value === 'string' && isSessionId(value) ? value : undefined;
}

/** Text with at least one character. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** One printable line of a text; absent where the value is no text or nothing printable is left. */
export function asDisplay(value: unknown): DisplayText | undefined {
  const text = asText(value);
  if (text === undefined) return undefined;
  const shown = sanitize(text.length > longestText ? detached(text.slice(0, longestText)) : text);
  return shown === '' ? undefined : shown;
}
