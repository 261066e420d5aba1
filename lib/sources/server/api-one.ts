import type { OpencodeClient } from '@opencode-ai/sdk/v2/client';
import type { Reply } from '../../domain/session/acts.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asArray, asObject, asObjects, type JsonObject } from '../json.ts';
import { boundedEvents } from './bounded-events.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { allEvents, eventOf, stateEvents } from './event-wire.ts';
import { ServerFailure } from './failure.ts';
import { activitiesOf, permissionAsk, questionAsk } from './live-wire.ts';
import type { ApiOptions, DirectoryState, Endpoint, OpencodeApi, WireMessage } from './opencode-api.ts';

/**
 * Returns the API of opencode 1.2 to 1.18, through opencode's own SDK. The SDK's `/v2` is its second version, not
 * opencode 2. The SDK has no limits and no password of its own, so its `fetch` adds them.
 */
export async function openApiOne(
  endpoint: Endpoint,
  version: DisplayText,
  { limits, withContent }: ApiOptions,
): Promise<OpencodeApi> {
  const { createOpencodeClient } = await import('@opencode-ai/sdk/v2/client');
  const client = createOpencodeClient({
    baseUrl: endpoint.url,
    fetch: boundedFetch(limits, endpoint.authorization),
    throwOnError: true,
  });
  return {
    apiVersion: 1,
    version,
    async sessions(limit) {
      return asObjects((await client.experimental.session.list({ limit })).data);
    },
    state: { scope: 'directory', read: (path, nowMs) => directoryState(client, path, nowMs) },
    async messages(sessionID, limit) {
      const { data } = await client.session.messages({ sessionID, limit });
      return asObjects(data).flatMap(wireMessage);
    },
    async todos(sessionID) {
      return asArray((await client.session.todo({ sessionID })).data);
    },
    events: (signal, onSkipped) => {
      const types = withContent ? allEvents : stateEvents;
      const wanted = (type: string) => types.has(type);
      return boundedEvents('/global/event', endpoint, { limits, wanted, onSkipped }, signal);
    },
    decode: eventOf,
    reply: (_sessionId, directory, reply) => sendReply(client, directory, reply),
    async abort(sessionID, directory) {
      await client.session.abort({ sessionID, ...(directory !== undefined && { directory }) });
    },
  };
}

async function directoryState(
  client: OpencodeClient,
  directory: string,
  nowMs: number,
): Promise<DirectoryState> {
  const [status, permissions, questions] = await Promise.all([
    client.session.status({ directory }),
    client.permission.list({ directory }),
    client.question.list({ directory }),
  ]);
  const activities = activitiesOf(status.data);
  const asks = [
    ...asObjects(permissions.data).flatMap((each) => permissionAsk(each, nowMs) ?? []),
    ...asObjects(questions.data).flatMap((each) => questionAsk(each, nowMs) ?? []),
  ];
  // If a turn is aborted while it asks, its asks stay in the lists until the server ends (1.18.33). Drop them.
  return { activities, asks: asks.filter(({ sessionId }) => activities.has(sessionId)) };
}

async function sendReply(client: OpencodeClient, directory: string | undefined, reply: Reply): Promise<void> {
  const target = { requestID: reply.askId, ...(directory !== undefined && { directory }) };
  if (reply.to === 'permission') await client.permission.reply({ ...target, reply: reply.reply });
  else if (reply.to === 'form') throw new ServerFailure('opencode 1 has no forms');
  else if ('dismissed' in reply) await client.question.reject(target);
  else await client.question.reply({ ...target, answers: reply.answers.map((each) => [...each]) });
}

/** Returns the message with its parts in an array, or an empty array if the value is not a message. */
function wireMessage(message: JsonObject): WireMessage[] {
  const info = asObject(message.info);
  return info === undefined ? [] : [{ info, parts: asObjects(message.parts) }];
}
