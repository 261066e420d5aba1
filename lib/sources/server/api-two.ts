import type { Reply } from '../../domain/session/acts.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asObject, asObjects, asText, at, type JsonObject } from '../json.ts';
import { boundedEvents } from './bounded-events.ts';
import { boundedFetch, forEachLimited, type Limits } from './bounded-fetch.ts';
import { eventOfTwo, wantedOfTwo } from './event-wire-two.ts';
import { refusal } from './failure.ts';
import { activitiesOf, formAsk, permissionAsk, questionAsk, type SessionAsk } from './live-wire.ts';
import type { ApiOptions, BuildTwo, Endpoint, OpencodeApi, WireMessage } from './opencode-api.ts';

/** The routes with unanswered asks of one directory, and the decoder of an ask. */
interface AskRoute {
  readonly path: string;
  readonly decode: (request: JsonObject, nowMs: number) => SessionAsk | undefined;
}

/** A build has some of these routes, and answers 404 at the others (opencode-2.md, "API of the builds"). */
const askRoutes: Readonly<Record<BuildTwo, readonly AskRoute[]>> = {
  released: [
    { path: '/api/permission/request', decode: permissionAsk },
    { path: '/api/form', decode: formAsk },
  ],
  'before release': [
    { path: '/api/permission/request', decode: permissionAsk },
    { path: '/api/question/request', decode: questionAsk },
    { path: '/api/form/request', decode: formAsk },
  ],
};

/** The directories of sessions that were at work; more than a server runs at once. */
const maxKnownDirectories = 2000;

/**
 * Returns the API of opencode 2, whose paths are all under `/api`. opencode's own SDK of 1.18 has the routes of a build
 * before the release only, so otop sends its few requests itself. Measured on the preview, by contract for the release
 * (opencode-2.md, "Who answers").
 */
export function openApiTwo(
  endpoint: Endpoint,
  { version, build }: { readonly version: DisplayText; readonly build: BuildTwo },
  { limits, withContent }: ApiOptions,
): OpencodeApi {
  const client = new Client(endpoint, limits);
  const directories = new Map<string, string>();
  /** A session never changes its directory, except by `move`, which is rare; its asks are found by its old one then. */
  const learnDirectory = async (id: string): Promise<void> => {
    const directory = await client.directoryOf(id);
    if (directories.size >= maxKnownDirectories) directories.clear();
    if (directory !== undefined) directories.set(id, directory);
  };
  return {
    apiVersion: 2,
    version,
    build,
    async sessions(limit) {
      const body = await client.get(`/api/session?limit=${limit}&order=desc`);
      return objects(body).map((session) => ({
        ...session,
        directory: at(session, 'location', 'directory'),
      }));
    },
    state: {
      scope: 'server',
      async read(nowMs) {
        const activities = activitiesOf(at(await client.get('/api/session/active'), 'data'));
        const unknown = [...activities.keys()].filter((id) => !directories.has(id));
        await forEachLimited(unknown, learnDirectory);
        // A session at work has opened its directory, so asking for it starts nothing.
        const open = new Set([...activities.keys()].flatMap((id) => directories.get(id) ?? []));
        const asks: SessionAsk[] = [];
        const routes = [...open].flatMap((directory) =>
          askRoutes[build].map((route) => ({ ...route, directory })),
        );
        await forEachLimited(routes, async ({ path, decode, directory }) => {
          const query = `location%5Bdirectory%5D=${encodeURIComponent(directory)}`;
          const body = await client.get(`${path}?${query}`, { isOptional: true });
          asks.push(...objects(body).flatMap((each) => decode(each, nowMs) ?? []));
        });
        return { activities, asks, directories };
      },
    },
    async messages(sessionId, limit) {
      // Newest first without an order.
      const body = await client.get(`${sessionPath(sessionId)}/message?limit=${limit}`);
      return objects(body).flatMap(wireMessageOfTwo).reverse();
    },
    todos: async () => [],
    events: (signal, onSkipped) => {
      const wanted = (type: string) => wantedOfTwo(type, withContent);
      return boundedEvents('/api/event', endpoint, { limits, wanted, onSkipped }, signal);
    },
    decode: (envelope, nowMs) => eventOfTwo(envelope, { build, withContent }, nowMs),
    reply: (sessionId, _directory, reply) => client.reply(sessionId, reply, build),
    abort: (sessionId) => client.send('POST', `${sessionPath(sessionId)}/interrupt`),
  };
}

/** Sends requests and checks the status of each response. */
class Client {
  readonly #url: string;
  readonly #fetch: ReturnType<typeof boundedFetch>;

  constructor({ url, authorization }: Endpoint, limits: Limits) {
    this.#url = url;
    this.#fetch = boundedFetch(limits, authorization);
  }

  /** The JSON object at a path; undefined for a missing route if `isOptional`. Rejects for any other status. */
  async get(path: string, { isOptional = false } = {}): Promise<JsonObject | undefined> {
    const response = await this.#fetch(new Request(`${this.#url}${path}`));
    if (isOptional && response.status === 404) return undefined;
    if (!response.ok) throw await refusal(response);
    return asObject(await response.json());
  }

  async send(method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    const response = await this.#fetch(new Request(`${this.#url}${path}`, init));
    if (!response.ok) throw await refusal(response);
  }

  /** The directory of a session; undefined if the session was deleted meanwhile. */
  async directoryOf(sessionId: string): Promise<string | undefined> {
    const body = await this.get(sessionPath(sessionId), { isOptional: true });
    return asText(at(body, 'data', 'location', 'directory'));
  }

  async reply(sessionId: string, reply: Reply, build: BuildTwo): Promise<void> {
    const isReleased = build === 'released';
    const path = (kind: string) => `${sessionPath(sessionId)}/${kind}/${encodeURIComponent(reply.askId)}`;
    if (reply.to === 'permission') {
      const body = isReleased ? { decision: reply.reply } : { reply: reply.reply };
      return this.send('POST', `${path('permission')}/reply`, body);
    }
    if (reply.to === 'form') {
      if (!('dismissed' in reply))
        return this.send('POST', `${path('form')}/reply`, { answer: reply.answer });
      if (isReleased) return this.send('DELETE', path('form'));
      return this.send('POST', `${path('form')}/cancel`);
    }
    if ('dismissed' in reply) return this.send('POST', `${path('question')}/reject`);
    return this.send('POST', `${path('question')}/reply`, { answers: reply.answers });
  }
}

function sessionPath(sessionId: string): string {
  return `/api/session/${encodeURIComponent(sessionId)}`;
}

/** Returns the objects under `data`: opencode 2 wraps its responses in it. */
function objects(body: JsonObject | undefined) {
  return asObjects(at(body, 'data'));
}

/**
 * Returns a message of opencode 2's API in the shape of opencode 1's, which the readers of messages take: one message with
 * its parts (opencode-2.md, "Messages over HTTP"). Returns an empty array for rows that are no message of a user or a model.
 */
function wireMessageOfTwo(message: JsonObject): WireMessage[] {
  const { id, type } = message;
  const messageId = asText(id);
  if (messageId === undefined) return [];
  const { content: _content, model, ...rest } = message;
  const part = (data: JsonObject, index: number): JsonObject => ({
    ...data,
    id: `${messageId}:${String(index).padStart(4, '0')}`,
    messageID: messageId,
  });
  if (type === 'user' || type === 'synthetic') {
    const text = { type: 'text', text: message.text, ...(type === 'synthetic' && { synthetic: true }) };
    return [{ info: { ...rest, role: 'user' }, parts: [part(text, 0)] }];
  }
  if (type === 'compaction' && message.status === 'running')
    return [{ info: { ...rest, role: 'user' }, parts: [part({ type: 'compaction' }, 0)] }];
  if (type !== 'assistant') return [];
  const used = asObject(model);
  const named = { providerID: at(used, 'providerID'), modelID: at(used, 'id') };
  const parts = asObjects(message.content).map((each, index) => part(partOfTwo(each), index));
  return [{ info: { ...rest, ...named, role: 'assistant' }, parts }];
}

/** opencode 2 has the times of a part beside its state, the tool in `name`, and its call in `id`. */
function partOfTwo(content: JsonObject): JsonObject {
  const time = asObject(content.time);
  const start = at(time, 'ran') ?? at(time, 'created');
  const times = { start, end: at(time, 'completed') };
  if (content.type !== 'tool') return { ...content, time: times };
  const { id, name, state } = content;
  return { type: 'tool', callID: id, tool: name, state: { ...asObject(state), time: times } };
}
