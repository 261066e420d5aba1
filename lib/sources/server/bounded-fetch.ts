import { ownTurn } from '../../system/clock.ts';
import { notOpencode, redirectFailure, ServerFailure } from './failure.ts';

/** How long a server may take and how much it may say. */
export interface Limits {
  readonly answerMs: number;
  /** What is parsed in one piece: 1 MB of JSON takes 5 to 10 ms, and so does what is made of it. */
  readonly answerBytes: number;
  readonly eventBytes: number;
  /** A live event stream says something every 10 s, in every version (opencode.md, "Server events"). */
  readonly silenceMs: number;
}

/** For people's servers; a loaded machine was seen to take 4 s for an answer. */
export const usualLimits: Limits = {
  answerMs: 10_000,
  answerBytes: 2 ** 20,
  eventBytes: 256 * 1024,
  silenceMs: 30_000,
};

/** A hundred of these are parsed in a few milliseconds. */
const smallBytes = 16 * 1024;

/** What `fetch` is for opencode's SDK. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A fetch that no server can hold up: it ends in time, follows no redirect (the password would go with it), takes
 * nothing but JSON, and stops reading where an answer grows too long. Throws a ServerFailure, or what fetch throws.
 */
export function boundedFetch(limits: Limits, authorization: () => string | undefined): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(limits.answerMs)]);
    const response = await ask(request, signal, authorization());
    const { status, headers } = response;
    if (status === 204 || response.body === null) return new Response(null, { status, headers });
    expectType(response, 'application/json');
    const body = await readBody(response.body, limits.answerBytes);
    if (body.length > smallBytes) await ownTurn();
    return new Response(body, { status, headers: { 'content-type': 'application/json' } });
  };
}

/** Sends a request and judges the answer's first lines; what they hold is not read yet. */
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
    throw authorization === undefined ? new PasswordWanted() : new ServerFailure('it refuses the password');
  }
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    throw redirectFailure(response);
  }
  return response;
}

/** Throws where the answer is of another type: unknown paths of opencode give its web page, status 200 (opencode.md, "Unknown paths"). */
export function expectType({ headers, body }: Response, wanted: string): void {
  const type = headers.get('content-type') ?? '';
  if (type.startsWith(wanted)) return;
  void body?.cancel();
  throw new ServerFailure(notOpencode);
}

async function readBody(body: ReadableStream<Uint8Array>, mostBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop cancels the body.
    if (size > mostBytes) throw new TooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A server answers nobody without a password. */
export class PasswordWanted extends ServerFailure {
  constructor() {
    super('it wants a password: set OPENCODE_SERVER_PASSWORD, or name a file with OTOP_SERVER_PASSWORDS');
  }
}

/** An answer was longer than is read in one piece; asking for less may help. */
export class TooLong extends ServerFailure {
  constructor() {
    super('its answer is too long');
  }
}

/** So many questions at once do not trouble a server, and spare a distant one's time on the way. */
const together = 4;

/** Does something with each item, a few at a time; rejects with the first failure, and begins no more then. */
export async function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const work = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
      await act(item).catch((error: unknown) => {
        rest.length = 0;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: together }, work));
}
