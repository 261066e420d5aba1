import { ownTurn } from '../../system/clock.ts';
import { notOpencode, redirectFailure, ServerFailure } from './failure.ts';

/** Timeouts, in ms, and maximum sizes of a server's responses and events. */
export interface Limits {
  readonly responseMs: number;
  /** Maximum size of a response body, which blocks the event loop: 1 MB takes 5 to 10 ms to parse and as long to use. */
  readonly responseBytes: number;
  /** Maximum size of one event; a longer event is skipped. */
  readonly eventBytes: number;
  /** A live event stream sends something every 10 s, in every version (opencode.md, "Server events"). */
  readonly silenceMs: number;
}

/** Default limits. A loaded machine took up to 4 s to respond. */
export const usualLimits: Limits = {
  responseMs: 10_000,
  responseBytes: 2 ** 20,
  eventBytes: 256 * 1024,
  silenceMs: 30_000,
};

/** A hundred bodies of this size are parsed in a few milliseconds, so they need no event loop turn of their own. */
const smallBytes = 16 * 1024;

/** The type of `fetch` in opencode's SDK. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * Returns a `fetch` with a timeout and a maximum body size. It accepts only JSON and follows no redirect, since the
 * password would go with it. It throws a ServerFailure, or what `fetch` throws.
 */
export function boundedFetch(limits: Limits, authorization: () => string | undefined): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(limits.responseMs)]);
    const response = await ask(request, signal, authorization());
    const { status, headers } = response;
    if (status === 204 || response.body === null) return new Response(null, { status, headers });
    // A missing route may have an empty answer (opencode-2.md, "API of the builds").
    if (status === 404 && !isJson(response)) {
      await response.body.cancel();
      return new Response(null, { status, headers });
    }
    expectType(response, 'application/json');
    const body = await readBody(response.body, limits.responseBytes);
    if (body.length > smallBytes) await ownTurn();
    return new Response(body, { status, headers: { 'content-type': 'application/json' } });
  };
}

/** Sends a request and checks the response's status, without reading its body. Throws as `boundedFetch` does. */
export async function ask(
  request: Request,
  signal: AbortSignal,
  authorization: string | undefined,
): Promise<Response> {
  const headers = new Headers(request.headers);
  if (authorization !== undefined) headers.set('authorization', authorization);
  const response = await fetch(request, { headers, signal, redirect: 'manual' });
  const { status } = response;
  if (status === 401) {
    await response.body?.cancel();
    throw authorization === undefined ? new PasswordRequired() : new PasswordRejected();
  }
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    throw redirectFailure(response);
  }
  return response;
}

function isJson({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('application/json') === true;
}

/** Throws if the content type is another: opencode serves its web page, status 200, at unknown paths (opencode.md, "Unknown paths"). */
export function expectType({ headers, body }: Response, wanted: string): void {
  const type = headers.get('content-type') ?? '';
  if (type.startsWith(wanted)) return;
  void body?.cancel();
  throw new ServerFailure(notOpencode);
}

async function readBody(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Throwing out of the loop cancels the body.
    if (size > maxBytes) throw new ResponseTooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The server requires a password, and none was sent. */
export class PasswordRequired extends ServerFailure {
  constructor() {
    super('it needs a password: set OPENCODE_SERVER_PASSWORD, or name a file with OTOP_SERVER_PASSWORDS');
  }
}

/** The server rejects the password that was sent. */
export class PasswordRejected extends ServerFailure {
  constructor() {
    super('it rejects the password');
  }
}

/** The response is longer than the limit; a request for fewer items may succeed. */
export class ResponseTooLong extends ServerFailure {
  constructor() {
    super('its answer is too long');
  }
}

/** Hides the latency of a distant server without loading it. */
const concurrency = 4;

/** Calls `act` with each item, at most four at a time. Rejects with the first failure and starts no further item. */
export async function forEachLimited<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const work = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await act(item).catch((error: unknown) => {
        queue.length = 0;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}
