import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { eventOf, within } from './wait.ts';

/** Behaviour of a stand-in; `silent` accepts every connection and never responds, as a stopped process does. */
type Manner = 'well' | 'silent' | 'html' | 'redirect' | 'broken json' | 'another program';

/** A received request. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly directory: string | null;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** A fake opencode server. Its responses are data, and its behaviour can change at any time. */
export interface StandIn {
  readonly url: string;
  readonly port: number;
  readonly seen: readonly Seen[];
  manner: Manner;
  /** Delay of every response, in ms. */
  delayMs: number;
  /** Paths that get no response. */
  readonly held: Set<string>;
  /** Directories that it cannot open; their requests get status 500. */
  readonly refused: Set<string>;
  password: string | undefined;
  /** How far its clock is ahead, in ms; the ids of events contain the time. */
  clockAheadMs: number;
  /** Responses by path; a function is called with the directory. */
  readonly answers: Map<string, unknown>;
  /** Sends an event of opencode 1 on all streams. */
  sendEvent(directory: string, type: string, properties: object): void;
  /** Sends text on all streams without any change. */
  sendRaw(text: string): void;
  /** Ends all event streams. */
  cut(): void;
  /** Resolves when this many streams were opened in total. */
  streams(count: number): Promise<void>;
  /** Resolves with the last request to this path, as soon as there is one. */
  asked(path: string): Promise<Seen>;
  close(): Promise<void>;
}

const html = '<!doctype html><title>a page</title>';

/** Target of its redirects; no client may follow them. */
export const redirectTarget = 'http://127.0.0.1:9/stolen';

/** Starts a stand-in on a free port, as opencode 1.18.33 without sessions. */
export async function startStandIn(): Promise<StandIn> {
  const seen: Seen[] = [];
  const listeners = new Set<ServerResponse>();
  const waiting = new Set<() => void>();
  let opened = 0;
  const checkAll = () => {
    for (const check of [...waiting]) check();
  };
  const until = <T>(what: string, test: () => T | undefined): Promise<T> => {
    const found = new Promise<T>((resolve) => {
      const check = () => {
        const value = test();
        if (value === undefined) return;
        waiting.delete(check);
        resolve(value);
      };
      waiting.add(check);
      check();
    });
    return within(what, found);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const { pathname: path } = url;
    const directory = url.searchParams.get('directory') ?? url.searchParams.get('location[directory]');
    const { method = 'GET', headers } = request;
    seen.push({ method, path, directory, authorization: headers.authorization, body: await bodyOf(request) });
    checkAll();
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
      checkAll();
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
  await eventOf(server.listen(0, '127.0.0.1'), 'listening');
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
    sendEvent: (directory, type, properties) => {
      standIn.sendRaw(event({ directory, payload: { id: 'evt_1', type, properties } }));
    },
    sendRaw: (text) => {
      for (const listener of listeners) listener.write(text);
    },
    cut: () => {
      for (const listener of listeners) listener.destroy();
    },
    streams: async (count) => {
      await until(`stream ${count}`, () => (opened >= count ? true : undefined));
    },
    asked: (path) => until(`a request to ${path}`, () => seen.findLast((each) => each.path === path)),
    async close() {
      const closed = eventOf(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
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
      response.writeHead(302, { location: redirectTarget }).end();
      return true;
    case 'broken json':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"healthy":tr');
      return true;
    case 'another program':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"something else"}');
      return true;
  }
}

/** Returns the `Authorization` header for opencode's default user name. */
export function basic(password: string): string {
  return `Basic ${Buffer.from(`opencode:${password}`).toString('base64')}`;
}

/** Returns an event id; its first nine hex digits are the time (opencode.md, "Ids"). */
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
