import type { OpencodeClient } from '@opencode-ai/sdk/v2/client';
import type { Reply } from '../../domain/session/acts.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asArray, asObject, asObjects, type JsonObject } from '../json.ts';
import { boundedEvents } from './bounded-events.ts';
import { boundedFetch, type Limits } from './bounded-fetch.ts';
import { activitiesOf, permissionAsk, questionAsk } from './live-wire.ts';
import type { DirectoryState, OpencodeApi, Reach, WireMessage } from './opencode-api.ts';

/**
 * The API of opencode 1.2 to 1.18 through opencode's own SDK, whose `/v2` is the second generation of the SDK, not
 * opencode 2. Limits and the password come in through its `fetch`: it knows neither.
 */
export async function openApiOne(
  reach: Reach,
  version: DisplayText,
  limits: Limits,
  wantedEvents: ReadonlySet<string>,
): Promise<OpencodeApi> {
  const { createOpencodeClient } = await import('@opencode-ai/sdk/v2/client');
  const client = createOpencodeClient({
    baseUrl: reach.url,
    fetch: boundedFetch(limits, reach.authorization),
    throwOnError: true,
  });
  return {
    generation: 1,
    version,
    async sessions(limit) {
      return asObjects((await client.experimental.session.list({ limit })).data);
    },
    directory: (path, nowMs) => directoryState(client, path, nowMs),
    async messages(sessionID, limit) {
      const { data } = await client.session.messages({ sessionID, limit });
      return asObjects(data).flatMap(wireMessage);
    },
    async todos(sessionID) {
      return asArray((await client.session.todo({ sessionID })).data);
    },
    events: (signal, onSkipped) =>
      boundedEvents('/global/event', reach, { limits, wanted: wantedEvents, onSkipped }, signal),
    reply: (_sessionId, directory, reply) => send(client, directory, reply),
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
  // Those of a turn that was ended while it asked stay in the lists until the server ends (1.18.33): nobody waits for them.
  return { activities, asks: asks.filter(({ sessionId }) => activities.has(sessionId)) };
}

async function send(client: OpencodeClient, directory: string | undefined, reply: Reply): Promise<void> {
  const place = { requestID: reply.askId, ...(directory !== undefined && { directory }) };
  if (reply.to === 'permission') await client.permission.reply({ ...place, reply: reply.reply });
  else if ('dismissed' in reply) await client.question.reject(place);
  else await client.question.reply({ ...place, answers: reply.answers.map((each) => [...each]) });
}

/** A message with its parts; nothing where it is none. */
function wireMessage(message: JsonObject): WireMessage[] {
  const info = asObject(message.info);
  return info === undefined ? [] : [{ info, parts: asObjects(message.parts) }];
}
