import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Guard, refusal } from './guard.ts';
import { maxBodyBytes } from './json-body.ts';
import { rateLimit } from './rate-limit.ts';
import { type Exchange, type Route, type RouteResponse, refuse } from './route.ts';

/** The parts of the server. */
export interface ServerParts {
  readonly routes: readonly Route[];
  readonly guard: Guard;
  readonly monotonicMs: () => number;
  /** Sent with every response, so that readers of the announcement can check whose response it is. */
  readonly instance: string;
  /** Called once for each response. `path` is the route's path, or undefined if no route matched. */
  readonly onResponse: (path: string | undefined, status: number) => void;
  /** A handler threw, which is a bug. The client gets a 500 and the server stays up. */
  readonly onBug: (error: unknown) => void;
}

/** More than any dashboard needs, and still cheap to serve. */
const rate = { perSecond: 50, burst: 300 };
const maxConnections = 2000;
const requestTimeoutMs = 15_000;
const headersTimeoutMs = 10_000;

/** Forbids clients to cache, sniff or frame a response, and other origins to read it. */
const commonHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/**
 * Returns an HTTP server of these routes that does not listen yet. It uses node:http alone: the routes are few and fixed,
 * and the hard cases (slow readers, half-sent requests, unread bodies) are a matter of node's own sockets and timeouts.
 */
export function createHttpServer(parts: ServerParts): Server {
  const limit = rateLimit(rate, parts.monotonicMs);
  const respond = (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value);
    response.setHeader('x-otop-instance', parts.instance);
    const found = findRoute(request, parts.routes);
    response.once('close', () => {
      if (response.headersSent) parts.onResponse(found.route?.path, response.statusCode);
    });
    const waitMs = limit.take(request.socket.remoteAddress ?? '');
    const refused =
      waitMs > 0
        ? refuse(429, 'too many requests', { 'retry-after': String(Math.ceil(waitMs / 1000)) })
        : (refusal(request, parts.guard) ?? found.refused);
    if (refused || !found.route) return send(response, refused ?? refuse(404, 'there is no such route'));
    const { route, params, query } = found;
    run(route, { request, response, params, query }).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      parts.onBug(error);
      if (response.headersSent) response.destroy();
      else send(response, refuse(500, 'a bug in otop: see the standard error of otop serve'));
    });
  };
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: headersTimeoutMs },
    respond,
  );
  // The client waits for a 100 before it sends the body. A body that is too large gets none, so it is never sent.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!(Number(request.headers['content-length']) > maxBodyBytes)) response.writeContinue();
    respond(request, response);
  });
  server.maxConnections = maxConnections;
  return server;
}

async function run(route: Route, exchange: Exchange): Promise<void> {
  const result = await route.run(exchange);
  if (result) send(exchange.response, { type: route.type, ...result });
}

/** Sends a whole response. node omits the body if the request is HEAD. */
function send(response: ServerResponse, { status, body, type, headers }: RouteResponse): void {
  response.writeHead(status, {
    'content-type': type ?? 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/**
 * True if a client that sends this `Accept` takes this media type (RFC 9110, 12.5.1). Without the header it takes
 * everything.
 */
function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header.trim() === '') return true;
  const [main = '', sub = ''] = (type.split(';')[0] ?? '').split('/');
  return header.split(',').some((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return !isRefused && (name === '*/*' || name === `${main}/*` || name === `${main}/${sub}`);
  });
}

interface RouteMatch {
  readonly route?: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly refused?: RouteResponse;
}

/** Returns the route of a request, or a refusal: 400, 404, 405 or 406. */
function findRoute(request: IncomingMessage, routes: readonly Route[]): RouteMatch {
  const noMatch = { params: {}, query: new URLSearchParams() };
  const url = URL.canParse(request.url ?? '', 'http://localhost')
    ? new URL(request.url ?? '', 'http://localhost')
    : undefined;
  if (!url) return { ...noMatch, refused: refuse(400, 'the URL is invalid') };
  const matches = routes.flatMap((route) => {
    const params = paramsOf(route.path, url.pathname);
    return params ? [{ route, params, query: url.searchParams }] : [];
  });
  if (matches.length === 0)
    return { ...noMatch, refused: refuse(404, 'there is no such route; GET / lists the routes') };
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = matches.find(({ route }) => route.method === method);
  if (!found) {
    const allow = matches
      .map(({ route }) => (route.method === 'GET' ? 'GET, HEAD' : route.method))
      .join(', ');
    return { ...noMatch, refused: refuse(405, `this route allows only ${allow}`, { allow }) };
  }
  if (accepts(request.headers.accept, found.route.type)) return found;
  return {
    ...found,
    refused: refuse(406, `the response is ${found.route.type}, but Accept does not allow it`),
  };
}

/** Returns the parameters of a path, or undefined if the path does not match the pattern. */
function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const expected = pattern.split('/');
  const given = path.split('/');
  if (expected.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, piece] of expected.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    if (name === undefined && piece !== value) return undefined;
    if (name !== undefined) params[name] = decoded(value);
  }
  return params;
}

/** Returns the value itself if its escapes are malformed: no session has such an id. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
