import { isStatusFormat, statusFormats } from '../domain/board/status-format-names.ts';
import { lineSchema } from '../domain/schema/events.ts';
import { object, text } from '../domain/schema/field-types.ts';
import { forkRequestSchema, forkResponseSchema, serveDocumentSchema } from '../domain/schema/serve.ts';
import type { Session } from '../domain/session/session.ts';
import { asciiGlyphs, unicodeGlyphs } from '../view/glyphs.ts';
import { statusText } from '../view/status-formats.ts';
import type { EventStream } from './event-stream.ts';
import type { Forks } from './fork.ts';
import { readJsonBody } from './json-body.ts';
import type { Metrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { type Exchange, type Route, refuse } from './route.ts';
import type { SharedBoard } from './shared-board.ts';

/** The parts that the routes respond from. */
export interface RouteParts {
  readonly version: string;
  readonly readOnly: boolean;
  readonly shared: SharedBoard;
  readonly events: EventStream;
  readonly metrics: Metrics;
  readonly forks: Forks;
  /** Returns a session by its id, or undefined if otop does not know it. */
  readonly sessionOf: (id: string) => Session | undefined;
  /** Counts a fork of any client. Returns the milliseconds to wait, 0 if the fork may start. */
  readonly forkWaitMs: () => number;
}

/** Returns all routes of `otop serve`. */
export function serveRoutes(parts: RouteParts): readonly Route[] {
  const routes: Route[] = [
    {
      method: 'GET',
      path: '/',
      type: 'text/plain; charset=utf-8',
      summary: 'what there is, as text',
      outcomes: { 200: { description: 'the routes' } },
      run: () => ({ status: 200, body: index(routes) }),
    },
    {
      method: 'GET',
      path: '/health',
      type: 'text/plain; charset=utf-8',
      summary: 'whether otop serve is there',
      outcomes: { 200: { description: 'ok' } },
      run: () => ({ status: 200, body: 'ok' }),
    },
    sessionsRoute(parts),
    eventsRoute(parts),
    statusRoute(parts),
    {
      method: 'GET',
      path: '/metrics',
      type: 'text/plain',
      summary: 'the same for Prometheus',
      outcomes: { 200: { description: 'the text exposition format, version 0.0.4' } },
      async run() {
        return { status: 200, body: await parts.metrics.text(), type: parts.metrics.contentType };
      },
    },
    forkRoute(parts),
    {
      method: 'GET',
      path: '/openapi.json',
      type: 'application/json',
      summary: 'this as an OpenAPI 3.1 document',
      outcomes: { 200: { description: 'the document', schema: object({}) } },
      run: () => ({
        status: 200,
        body: `${JSON.stringify(openApiDocument(routes, parts.version), null, 2)}\n`,
      }),
    },
  ];
  return routes;
}

function sessionsRoute({ shared }: RouteParts): Route {
  return {
    method: 'GET',
    path: '/sessions',
    type: 'application/json',
    summary: 'every session on the board',
    outcomes: { 200: { description: 'the newest board', schema: serveDocumentSchema } },
    run: () => ({ status: 200, body: shared.document() }),
  };
}

function eventsRoute({ shared, events }: RouteParts): Route {
  return {
    method: 'GET',
    path: '/events',
    type: 'text/event-stream',
    summary: 'the board, and then what changes, as server-sent events',
    details:
      'The lines of `otop sessions --watch`, each as an event named by its type: `board` first, then `changed` (a row ' +
      'that is new or not as it was), `removed`, `summary`, and `alive` every ten seconds. Who reconnects gets the ' +
      'whole board again.',
    outcomes: {
      200: { description: 'a stream that does not end', schema: lineSchema },
      503: { description: 'too many readers; Retry-After says when to ask again' },
    },
    run({ request, response }) {
      if (!events.hasRoom) return refuse(503, 'too many readers of events', { 'retry-after': '10' });
      if (request.method === 'HEAD') return { status: 200, body: '' };
      shared.follow(response);
      return undefined;
    },
  };
}

function statusRoute({ shared }: RouteParts): Route {
  return {
    method: 'GET',
    path: '/status',
    type: 'text/plain; charset=utf-8',
    summary: 'the status segment of `otop status`',
    parameters: [
      {
        in: 'query',
        name: 'format',
        description: 'the format of the line; plain if absent',
        schema: text(undefined, { enum: statusFormats }),
      },
      {
        in: 'query',
        name: 'ascii',
        description: '1: only ASCII signs',
        schema: text(undefined, { enum: ['1'] }),
      },
    ],
    outcomes: { 200: { description: 'as `?2 ▶4 ○3`' } },
    run({ query }) {
      const format = query.get('format') ?? 'plain';
      if (!isStatusFormat(format)) return refuse(400, `format must be one of ${statusFormats.join(', ')}`);
      const glyphs = query.get('ascii') === '1' ? asciiGlyphs : unicodeGlyphs;
      return { status: 200, body: `${statusText(shared.board, format, glyphs)}\n` };
    },
  };
}

function forkRoute({ readOnly, shared, forks, sessionOf, forkWaitMs }: RouteParts): Route {
  return {
    method: 'POST',
    path: '/sessions/{id}/fork',
    type: 'application/json',
    summary: 'fork a session and give the fork a prompt, by `opencode run --fork`',
    parameters: [{ in: 'path', name: 'id', description: 'a session on the board', schema: text() }],
    body: forkRequestSchema,
    outcomes: {
      202: {
        description:
          'it runs; session_id is null if opencode has not named the new session within 10 seconds',
        schema: forkResponseSchema,
      },
      404: { description: 'no such session' },
      409: { description: 'the session cannot be forked: simulated, or its directory is gone' },
      413: { description: 'the body is larger than 64 KB' },
      415: { description: 'the body is not application/json' },
      502: { description: 'opencode failed; its last words' },
      503: { description: 'no opencode on the PATH, or too many forks are running' },
    },
    async run({ request, params }: Exchange) {
      if (readOnly) return refuse(403, 'this otop serve was started with --read-only');
      const read = await readJsonBody(request);
      if ('refused' in read) return read.refused;
      const session = sessionOf(params.id ?? '');
      if (!session) return refuse(404, 'no such session; GET /sessions lists the sessions');
      if (shared.board.demo) return refuse(409, 'the simulated fleet cannot be forked');
      const waitMs = forkWaitMs();
      if (waitMs > 0) {
        return refuse(429, 'too many forks', { 'retry-after': String(Math.ceil(waitMs / 1000)) });
      }
      return forks.start(session, read.value);
    },
  };
}

function index(routes: readonly Route[]): string {
  const width = Math.max(...routes.map(({ path }) => path.length));
  const lines = routes.map(
    ({ method, path, summary }) => `${method.padEnd(4)} ${path.padEnd(width)}  ${summary}`,
  );
  return `otop serve\n\n${lines.join('\n')}\n`;
}
