import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { accepts } from './accept.ts';
import { type Guard, refusal } from './guard.ts';
import { mostBodyBytes } from './json-body.ts';
import { rateLimit } from './rate-limit.ts';
import { type Answer, type Exchange, type Route, refuse } from './route.ts';

/** What the server needs beside its routes. */
export interface ServerParts {
  readonly routes: readonly Route[];
  readonly guard: Guard;
  readonly monotonicMs: () => number;
  /** Sent with every answer, so that who reads the announcement knows whom it reached. */
  readonly instance: string;
  /** Called once for each answer, with the route's path, or undefined where there was none. */
  readonly onAnswered: (path: string | undefined, status: number) => void;
  /** A handler threw: a bug. The client is told so; the server stays up. */
  readonly onBug: (error: unknown) => void;
}

/** More than any dashboard asks for, and little enough that it costs nothing worth mentioning. */
const rate = { perSecond: 50, burst: 300 };
const mostConnections = 2000;
const requestMs = 15_000;
const headersMs = 10_000;

/** Nothing is to be kept, sniffed, framed, or read by another origin. */
const headersOfAll = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/**
 * An HTTP server of these routes, not listening yet. node:http by itself: the routes are few and fixed, and what has to
 * be held to (slow readers, half-sent requests, bodies nobody reads) are its own sockets and timeouts.
 */
export function createHttpServer(parts: ServerParts): Server {
  const limit = rateLimit(rate, parts.monotonicMs);
  const respond = (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(headersOfAll)) response.setHeader(name, value);
    response.setHeader('x-otop-instance', parts.instance);
    const found = findRoute(request, parts.routes);
    response.once('close', () => {
      if (response.headersSent) parts.onAnswered(found.route?.path, response.statusCode);
    });
    const waitMs = limit.take(request.socket.remoteAddress ?? '');
    const early =
      waitMs > 0
        ? refuse(429, 'too many requests', { 'retry-after': String(Math.ceil(waitMs / 1000)) })
        : (refusal(request, parts.guard) ?? found.refused);
    if (early || !found.route) return send(response, early ?? refuse(404, 'there is nothing here'));
    const { route, params, query } = found;
    run(route, { request, response, params, query }).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      parts.onBug(error);
      if (response.headersSent) response.destroy();
      else send(response, refuse(500, 'a bug in otop: its standard error says more'));
    });
  };
  const server = createServer({ requestTimeout: requestMs, headersTimeout: headersMs }, respond);
  // A client that asks before it sends a body: one that is too large is then never sent.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!(Number(request.headers['content-length']) > mostBodyBytes)) response.writeContinue();
    respond(request, response);
  });
  server.maxConnections = mostConnections;
  return server;
}

async function run(route: Route, exchange: Exchange): Promise<void> {
  const answer = await route.run(exchange);
  if (answer) send(exchange.response, { type: route.type, ...answer });
}

/** Sends an answer in one piece; node leaves the body away where the request was HEAD. */
function send(response: ServerResponse, { status, body, type, headers }: Answer): void {
  response.writeHead(status, {
    'content-type': type ?? 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

interface Found {
  readonly route?: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly refused?: Answer;
}

/** The route of a request; else why there is none: 400, 404, 405, 406. */
function findRoute(request: IncomingMessage, routes: readonly Route[]): Found {
  const none = { params: {}, query: new URLSearchParams() };
  const url = URL.canParse(request.url ?? '', 'http://localhost')
    ? new URL(request.url ?? '', 'http://localhost')
    : undefined;
  if (!url) return { ...none, refused: refuse(400, 'the address cannot be read') };
  const here = routes.flatMap((route) => {
    const params = paramsOf(route.path, url.pathname);
    return params ? [{ route, params, query: url.searchParams }] : [];
  });
  if (here.length === 0)
    return { ...none, refused: refuse(404, 'there is nothing here; GET / lists what there is') };
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = here.find(({ route }) => route.method === method);
  if (!found) {
    const allow = here.map(({ route }) => (route.method === 'GET' ? 'GET, HEAD' : route.method)).join(', ');
    return { ...none, refused: refuse(405, `only ${allow} here`, { allow }) };
  }
  if (accepts(request.headers.accept, found.route.type)) return found;
  return { ...found, refused: refuse(406, `this is ${found.route.type}, which Accept leaves out`) };
}

/** The parameters of a path of this pattern; undefined where it is of another. */
function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, piece] of wanted.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    if (name === undefined && piece !== value) return undefined;
    if (name !== undefined) params[name] = decoded(value);
  }
  return params;
}

/** As it is where its escapes are broken: then it names nothing. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
