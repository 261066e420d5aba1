import type { IncomingMessage } from 'node:http';
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
