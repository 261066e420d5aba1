import type { IncomingMessage } from 'node:http';
import type { Static, TObject } from '@sinclair/typebox';
import { patternErrorMessageOf } from '../domain/schema/field-types.ts';
import { sanitize } from '../text/sanitize.ts';
import { type RouteResponse, refuse } from './route.ts';

/** The maximum size of a request body. No request needs more. */
export const maxBodyBytes = 64 * 1024;
const tooLarge = refuse(413, `the body is larger than ${maxBodyBytes} bytes`);

/**
 * Reads the JSON object in a request's body, or returns the refusal. Holds at most 64 KB: the rest of a larger body is
 * dropped as it arrives. Rejects if the client disconnects.
 */
export async function readJsonBody(
  request: IncomingMessage,
): Promise<{ readonly value: Readonly<Record<string, unknown>> } | { readonly refused: RouteResponse }> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return { refused: refuse(415, 'the body must be JSON: Content-Type: application/json') };
  }
  if (Number(request.headers['content-length']) > maxBodyBytes) return { refused: tooLarge };
  const text = await bodyText(request);
  if (text === undefined) return { refused: tooLarge };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { value: value as Record<string, unknown> };
    }
    return { refused: refuse(400, 'the body must be a JSON object') };
  } catch (error) {
    return { refused: refuse(400, `the body is not JSON: ${(error as SyntaxError).message}`) };
  }
}

/** Returns undefined if the body is too large. Rejects if the client disconnects. */
function bodyText(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve(undefined);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}

/**
 * Checks a body whose fields are texts: returns it as its type, or the mistake in words. A text of blanks counts as empty.
 * A NUL is refused, because it would end an argument of a program.
 */
export function requestOf<T extends TObject>(
  schema: T,
  body: Readonly<Record<string, unknown>>,
): Static<T> | string {
  const known = Object.keys(schema.properties);
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown !== undefined)
    return `${JSON.stringify(sanitize(unknown, 40))} is not a known key; the keys are ${known.join(', ')}`;
  for (const [key, value] of Object.entries(body)) {
    if (typeof value !== 'string' || value.trim() === '') return `${key} must be a text that is not empty`;
    if (value.includes('\0')) return `${key} must not contain a NUL character`;
  }
  for (const [key, { description }] of Object.entries(schema.properties)) {
    if (schema.required?.includes(key) && body[key] === undefined) return `${key} is missing: ${description}`;
  }
  for (const [key, type] of Object.entries(schema.properties)) {
    const value = body[key];
    const { pattern } = type;
    if (typeof value === 'string' && pattern !== undefined && !new RegExp(pattern).test(value))
      return `${key} ${patternErrorMessageOf(type) ?? 'is not of the right form'}`;
  }
  return body as Static<T>;
}
