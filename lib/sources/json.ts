import { isSessionId } from '../domain/session/session-id.ts';
import { type DisplayText, detached, sanitize } from '../text/sanitize.ts';

/** A decoded JSON object; its fields may have any type. */
export type JsonObject = { readonly [key: string]: unknown };

/** Maximum length of a text before sanitising, in UTF-16 units: no cell shows more, and a tool's input can be megabytes. */
const maxTextChars = 600;

/** Parses the JSON object in a column; returns `undefined` if it is not text, not JSON, or not an object. Never throws. */
export function parseObject(column: unknown): JsonObject | undefined {
  if (typeof column !== 'string') return undefined;
  try {
    return asObject(JSON.parse(column));
  } catch {
    return undefined;
  }
}

/** Returns the value if it is a JSON object, else `undefined`. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** Returns the value if it is an array, else an empty array. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Returns the JSON objects in an array, without other elements; an empty array if the value is no array. */
export function asObjects(value: unknown): readonly JsonObject[] {
  return asArray(value)
    .map(asObject)
    .filter((each) => each !== undefined);
}

/** Returns the value at a path of keys, or `undefined` if a key is missing or a step is not an object. */
export function at(object: JsonObject | undefined, ...path: readonly string[]): unknown {
  let value: unknown = object;
  for (const key of path) {
    const step = asObject(value);
    if (step === undefined || !Object.hasOwn(step, key)) return undefined;
    value = step[key];
  }
  return value;
}

/** Returns a finite number, else `undefined`; does not convert text. */
export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The last valid date (ECMAScript, 21.4.1.1), less a day for time zones. */
const latestMs = 8.64e15 - 86_400_000;

/** Returns a time in epoch ms, or `undefined` if the value is no valid date. 0 means "unknown", since opencode never writes it. */
export function asTime(value: unknown): number | undefined {
  const time = asNumber(value);
  return time !== undefined && time > 0 && time < latestMs ? time : undefined;
}

/** Returns a whole number of 0 or more, else `undefined`. */
export function asCount(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}

/** Returns a session id, or `undefined` if the value is not a valid id. */
export function asSessionId(value: unknown): string | undefined {
  return typeof value === 'string' && isSessionId(value) ? value : undefined;
}

/** Returns a text with at least one character, else `undefined`. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns a text as one printable line, or `undefined` if the value is no text or nothing printable remains. */
export function asDisplay(value: unknown): DisplayText | undefined {
  const text = asText(value);
  if (text === undefined) return undefined;
  const line = sanitize(text.length > maxTextChars ? detached(text.slice(0, maxTextChars)) : text);
  return line === '' ? undefined : line;
}
