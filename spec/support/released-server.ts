import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventOf, within } from './wait.ts';

type Json = Readonly<Record<string, unknown>>;

/** A request for permission or a form that waits for its answer. */
interface Waiting {
  readonly kind: 'permission' | 'form';
  readonly body: Json & { readonly id: string; readonly sessionID: string };
}

/**
 * A stand-in of the released opencode 2 server, which cannot be installed here: routes, bodies, statuses and events by its
 * contract (opencode-2.md, "Who answers"). It is no opencode: a spec that passes with it holds the contract, not the program.
 */
export class ReleasedServer {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #listeners = new Set<ServerResponse>();
  readonly #directories = new Map<string, string>();
  readonly #active = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #watchers = new Set<() => void>();
  /** `METHOD path` and body of each request. */
  readonly seen: {
    readonly request: string;
    readonly authorization: string | undefined;
    readonly body: unknown;
  }[] = [];
  /** The messages of sessions, oldest first, as the API returns them. */
  readonly messages = new Map<string, readonly Json[]>();
  version = '2.0.18';
  password = 'secret';
  /**
   * How the server is: `starting` answers 503, `silent` accepts and never answers, as a stopped process does; `html` and
   * `foreign` answer as other programs do, `slow` answers at `release` only.
   */
  manner: 'running' | 'starting' | 'silent' | 'html' | 'foreign' | 'slow' = 'running';
  readonly #held: (() => void)[] = [];
  #sequence = 0;

  /** Starts the server on a free port of the loopback interface. */
  async start(): Promise<this> {
    await eventOf(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Begins a turn of a session. */
  begin(sessionID: string, directory: string): void {
    this.#directories.set(sessionID, directory);
    this.#active.add(sessionID);
    this.send('session.execution.started', { sessionID });
  }

  /** Ends the turn of a session. Asks that wait end without an event of their own. */
  end(
    sessionID: string,
    outcome: 'succeeded' | 'failed' | 'interrupted' = 'succeeded',
    data: Json = {},
  ): void {
    this.#active.delete(sessionID);
    for (const [id, { body }] of this.#waiting) if (body.sessionID === sessionID) this.#waiting.delete(id);
    this.send(`session.execution.${outcome}`, { sessionID, ...data });
  }

  /** Adds a session at rest. */
  keep(sessionID: string, directory: string): void {
    this.#directories.set(sessionID, directory);
  }

  /** Deletes a session; `isSilent` leaves it in the list of those at work, as in the middle of the deletion. */
  delete(sessionID: string, isSilent = false): void {
    this.#directories.delete(sessionID);
    if (isSilent) return;
    this.#active.delete(sessionID);
    for (const [id, { body }] of this.#waiting) if (body.sessionID === sessionID) this.#waiting.delete(id);
    this.send('session.deleted', { sessionID });
  }

  /** Lets a slow server answer the requests that it holds, and all others from now on. */
  release(): void {
    this.manner = 'running';
    for (const go of this.#held.splice(0)) go();
  }

  /** Asks for a permission. Returns the request's id. */
  askPermission(sessionID: string, some: Json = {}): string {
    const id = this.#newId('per');
    const body = { id, sessionID, action: 'shell', resources: ['rm x'], save: ['rm *'], ...some };
    this.#waiting.set(id, { kind: 'permission', body });
    this.send('permission.asked', body, this.#directories.get(sessionID));
    return id;
  }

  /** Ends an ask as if somebody had answered it elsewhere. */
  settle(id: string): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.send('permission.replied', { sessionID: waiting?.body.sessionID, requestID: id, reply: 'once' });
  }

  /** Shows a form. Returns its id. */
  askForm(sessionID: string, fields: readonly Json[], some: Json = {}): string {
    const id = this.#newId('frm');
    const body = { id, sessionID, title: 'Question', metadata: { kind: 'question' }, fields, ...some };
    this.#waiting.set(id, { kind: 'form', body });
    this.send('form.created', { form: body }, this.#directories.get(sessionID));
    return id;
  }

  /** Sends an event to all streams. */
  send(type: string, data: Json, directory?: string): void {
    const location = directory === undefined ? {} : { location: { directory } };
    this.sendRaw(
      `data: ${JSON.stringify({ id: 'evt_1', created: Date.now(), type, ...location, data })}\n\n`,
    );
  }

  sendRaw(text: string): void {
    for (const listener of this.#listeners) listener.write(text);
  }

  /** Ends all event streams, as for a reader that is 4,096 events behind. */
  cut(): void {
    for (const listener of this.#listeners) listener.end();
  }

  /** Resolves with the last request of this form, as soon as there is one. */
  asked(request: string): Promise<unknown> {
    const found = new Promise<unknown>((resolve) => {
      const check = () => {
        const last = this.seen.findLast((each) => each.request === request);
        if (last === undefined) return;
        this.#watchers.delete(check);
        resolve(last.body);
      };
      this.#watchers.add(check);
      check();
    });
    return within(`the request ${request}`, found);
  }

  /** Resolves when an event stream is open. */
  async streaming(): Promise<void> {
    const open = new Promise<void>((resolve) => {
      const check = () => {
        if (this.#listeners.size === 0) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
    await within('an event stream', open);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Resolves at `release`. */
  #released(): Promise<void> {
    return new Promise((resolve) => this.#held.push(resolve));
  }

  #newId(prefix: string): string {
    this.#sequence += 1;
    return `${prefix}_${this.#sequence}`;
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://server');
    const { method = 'GET', headers } = request;
    const body = await bodyOf(request);
    this.seen.push({ request: `${method} ${url.pathname}`, authorization: headers.authorization, body });
    this.#changed();
    if (this.manner === 'silent') return;
    if (this.manner === 'slow') await this.#released();
    const send = (status: number, value?: unknown) => {
      response.writeHead(status, value === undefined ? {} : { 'content-type': 'application/json' });
      response.end(value === undefined ? undefined : JSON.stringify(value));
    };
    if (this.manner === 'foreign') return void send(200, { name: 'shop', version: '4.2', healthy: 'yes' });
    if (this.manner === 'html' || !url.pathname.startsWith('/api/')) {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
      return;
    }
    if (headers.authorization !== `Basic ${Buffer.from(`opencode:${this.password}`).toString('base64')}`) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="Secure Area"' }).end();
      return;
    }
    if (this.manner === 'starting') {
      response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' });
      response.end('{"status":"starting"}');
      return;
    }
    if (url.pathname === '/api/event') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"id":"evt_0","type":"server.connected","data":{}}\n\n: heartbeat\n\n');
      this.#listeners.add(response);
      response.once('close', () => this.#listeners.delete(response));
      this.#changed();
      return;
    }
    this.#route(
      `${method} ${url.pathname}`,
      url.searchParams.get('location[directory]') ?? '/root',
      body,
      send,
    );
  }

  #route(
    route: string,
    directory: string,
    body: unknown,
    send: (status: number, value?: unknown) => void,
  ): unknown {
    const [, id = ''] = /^\w+ \/api\/session\/(ses_\w+)/.exec(route) ?? [];
    const [, kind, askId = '', verb = ''] =
      /\/(permission|form)\/((?:per|frm)_\w+)(?:\/(\w+))?$/.exec(route) ?? [];
    const in_ = (what: Waiting['kind']) => ({
      location: { directory },
      data: [...this.#waiting.values()].flatMap(({ kind: own, body: ask }) =>
        own === what && this.#directories.get(ask.sessionID) === directory ? [ask] : [],
      ),
    });
    if (route === 'GET /api/info')
      return send(200, { version: this.version, pid: 1, urls: [this.url], paths: { tmp: '/tmp' } });
    if (route === 'GET /api/session/active')
      return send(200, {
        data: Object.fromEntries([...this.#active].map((each) => [each, { type: 'running' }])),
      });
    if (route === 'GET /api/session')
      return send(200, { data: [...this.#directories].map(infoOf), cursor: {} });
    if (route === 'GET /api/permission/request') return send(200, in_('permission'));
    if (route === 'GET /api/form') return send(200, in_('form'));
    if (kind !== undefined) return this.#settle({ route, kind, askId, verb, body, send });
    if (route === `POST /api/session/${id}/interrupt`) {
      const interrupted = this.#active.has(id);
      if (interrupted) this.end(id, 'interrupted', { reason: 'user' });
      return send(200, { interrupted });
    }
    if (route === `GET /api/session/${id}/message`)
      return send(200, { data: (this.messages.get(id) ?? []).toReversed(), cursor: {} });
    if (route === `GET /api/session/${id}`) {
      const known = this.#directories.get(id);
      if (known !== undefined) return send(200, { data: infoOf([id, known]) });
      return send(404, { _tag: 'SessionNotFoundError', sessionID: id, message: `Session not found: ${id}` });
    }
    return send(404, { _tag: 'NotFound', message: 'no such route' });
  }

  #settle(to: {
    readonly route: string;
    readonly kind: string;
    readonly askId: string;
    readonly verb: string;
    readonly body: unknown;
    readonly send: (status: number, value?: unknown) => void;
  }): unknown {
    const { route, kind, askId, verb, body, send } = to;
    const waiting = this.#waiting.get(askId);
    const field = kind === 'permission' ? 'decision' : 'answer';
    const isReply = verb === 'reply' && route.startsWith('POST');
    const isCancel = kind === 'form' && verb === '' && route.startsWith('DELETE');
    if (!isReply && !isCancel) return send(404, { _tag: 'NotFound', message: 'no such route' });
    if (waiting?.kind !== kind) {
      const _tag = kind === 'permission' ? 'PermissionNotFoundError' : 'FormAlreadySettledError';
      return send(kind === 'permission' ? 404 : 409, { _tag, message: `${kind} ${askId}` });
    }
    const given = (body as Json | undefined)?.[field];
    if (isReply && given === undefined)
      return send(400, { _tag: 'InvalidRequestError', kind: 'Payload', message: `Missing key "${field}"` });
    this.#waiting.delete(askId);
    const { sessionID } = waiting.body;
    send(204);
    if (kind === 'permission') this.send('permission.replied', { sessionID, requestID: askId, reply: given });
    else this.send(isCancel ? 'form.cancelled' : 'form.replied', { sessionID, id: askId });
    return;
  }
}

function infoOf([id, directory]: readonly [string, string]): Json {
  const tokens = { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } };
  return { id, projectID: 'p', cost: 0, tokens, time: { created: 1, updated: 2 }, location: { directory } };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}
