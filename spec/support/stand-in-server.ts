import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** How a stand-in behaves; `silent` takes every connection and answers nothing, as a stopped process does. */
type Manner = 'well' | 'silent' | 'html' | 'redirect' | 'broken json' | 'another program';

/** A request as it came. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly directory: string | null;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** Stands in for an opencode server: what it answers is data, how it behaves can change at any time. */
export interface StandIn {
  readonly url: string;
  readonly port: number;
  readonly seen: readonly Seen[];
  manner: Manner;
  /** How long it thinks about every answer. */
  delayMs: number;
  /** Paths that are answered by nobody until they are taken out. */
  readonly held: Set<string>;
  /** Directories that it cannot open: status 500. */
  readonly refused: Set<string>;
  password: string | undefined;
  /** How far its clock is ahead: the ids of events hold the time. */
  clockAheadMs: number;
  /** Answers by path; a function is asked with the directory. */
  readonly answers: Map<string, unknown>;
  /** Sends an event of opencode 1 to everybody who listens. */
  say(directory: string, type: string, properties: object): void;
  /** Sends bytes as they are. */
  raw(text: string): void;
  /** Ends all event streams. */
  cut(): void;
  /** Resolves when this many streams were opened, since the beginning. */
  streams(count: number): Promise<void>;
  /** Resolves when a request to this path has come. */
  asked(path: string): Promise<Seen>;
  close(): Promise<void>;
}

const html = '<!doctype html><title>a page</title>';

/** Where it sends those whom it redirects: nobody may come there. */
export const elsewhere = 'http://127.0.0.1:9/stolen';

/** Starts one on a free port, as opencode 1.18.33 with nothing in it. */
export async function startStandIn(): Promise<StandIn> {
  const seen: Seen[] = [];
  const listeners = new Set<ServerResponse>();
  const waiting = new Set<() => void>();
  let opened = 0;
  const woken = () => {
    for (const wake of [...waiting]) wake();
  };
  const until = <T>(test: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = () => {
        const found = test();
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const { pathname: path } = url;
    const directory = url.searchParams.get('directory') ?? url.searchParams.get('location[directory]');
    const { method = 'GET', headers } = request;
    seen.push({ method, path, directory, authorization: headers.authorization, body: await bodyOf(request) });
    woken();
    if (standIn.delayMs > 0) await pause(standIn.delayMs);
    if (misbehaves(standIn.manner, response)) return;
    if (standIn.held.has(path)) return;
    if (standIn.password !== undefined && headers.authorization !== basic(standIn.password)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="Secure Area"' }).end();
      return;
    }
    if (path === '/global/event' || path === '/api/event') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const id = eventId(Date.now() + standIn.clockAheadMs);
      response.write(event({ payload: { id, type: 'server.connected', properties: {} } }));
      listeners.add(response);
      response.once('close', () => listeners.delete(response));
      opened += 1;
      woken();
      return;
    }
    if (directory !== null && standIn.refused.has(directory)) {
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"name":"ConfigInvalidError"}');
      return;
    }
    const found = standIn.answers.get(`${method} ${path}`) ?? standIn.answers.get(path);
    if (found === undefined) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
      return;
    }
    const value: unknown = typeof found === 'function' ? found(directory) : found;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const standIn: StandIn = {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    manner: 'well',
    delayMs: 0,
    held: new Set(),
    refused: new Set(),
    password: undefined,
    clockAheadMs: 0,
    answers: new Map<string, unknown>([
      ['/global/health', { healthy: true, version: '1.18.33' }],
      ['/experimental/session', []],
      ['/session/status', {}],
      ['/permission', []],
      ['/question', []],
    ]),
    say: (directory, type, properties) => {
      standIn.raw(event({ directory, payload: { id: 'evt_1', type, properties } }));
    },
    raw: (text) => {
      for (const listener of listeners) listener.write(text);
    },
    cut: () => {
      for (const listener of listeners) listener.destroy();
    },
    streams: async (count) => {
      await until(() => (opened >= count ? true : undefined));
    },
    asked: (path) => until(() => seen.findLast((each) => each.path === path)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}

function misbehaves(manner: Manner, response: ServerResponse): boolean {
  switch (manner) {
    case 'well':
      return false;
    case 'silent':
      return true;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
      return true;
    case 'redirect':
      response.writeHead(302, { location: elsewhere }).end();
      return true;
    case 'broken json':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"healthy":tr');
      return true;
    case 'another program':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"something else"}');
      return true;
  }
}

/** The header for opencode's own user name. */
export function basic(password: string): string {
  return `Basic ${Buffer.from(`opencode:${password}`).toString('base64')}`;
}

/** The first nine hex digits are the time (opencode.md, "Ids"). */
function eventId(atMs: number): string {
  return `evt_${(atMs % 2 ** 36).toString(16).padStart(9, '0')}001AAAA`;
}

function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}
