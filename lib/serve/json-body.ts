import type { IncomingMessage } from 'node:http';
import type { Static, TObject } from '@sinclair/typebox';
import { sanitize } from '../text/sanitize.ts';
import { type Answer, refuse } from './route.ts';

/** No request needs more. */
export const mostBodyBytes = 64 * 1024;
const tooLarge = refuse(413, `the body is larger than ${mostBodyBytes} bytes`);

/**
 * The JSON object of a request's body, or why it is none. No more than 64 KB is ever held: of a larger one, node
 * throws away what still comes.
 */
export async function readJsonBody(
  request: IncomingMessage,
): Promise<{ readonly value: Readonly<Record<string, unknown>> } | { readonly refused: Answer }> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return { refused: refuse(415, 'the body must be JSON: Content-Type: application/json') };
  }
  if (Number(request.headers['content-length']) > mostBodyBytes) return { refused: tooLarge };
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

/** Undefined where it is too large; rejects where the client goes away. */
function bodyText(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= mostBodyBytes) chunks.push(chunk);
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
 * Returns a body of texts as its type, or the mistake in words. A text of blanks counts as empty. A NUL is refused, because
 * it would end an argument of a program.
 */
export function requestOf<T extends TObject>(
  schema: T,
  body: Readonly<Record<string, unknown>>,
): Static<T> | string {
  const known = Object.keys(schema.properties);
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown !== undefined)
    return `${JSON.stringify(sanitize(unknown, 40))} is not known; there are ${known.join(', ')}`;
  for (const [key, value] of Object.entries(body)) {
    if (typeof value !== 'string' || value.trim() === '') return `${key} must be a text that is not empty`;
    if (value.includes('\0')) return `${key} must not hold a NUL`;
  }
  for (const [key, { description }] of Object.entries(schema.properties)) {
    if (schema.required?.includes(key) && body[key] === undefined) return `${key} is missing: ${description}`;
  }
  for (const [key, { pattern, patternErrorMessage }] of Object.entries(schema.properties)) {
    const value = body[key];
    if (typeof value === 'string' && pattern !== undefined && !new RegExp(pattern).test(value))
      return `${key} ${patternErrorMessage}`;
  }
  return body as Static<T>;
}
