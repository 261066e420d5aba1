import type { DisplayText } from '../../text/sanitize.ts';
import { asObject, asObjects, at } from '../json.ts';
import { boundedEvents } from './bounded-events.ts';
import { boundedFetch, type Limits } from './bounded-fetch.ts';
import { activitiesOf, permissionAsk, questionAsk } from './live-wire.ts';
import type { Endpoint, OpencodeApi } from './opencode-api.ts';

/**
 * Returns the API of opencode 2, whose paths are all under `/api`. Written from the SDK and from builds before the
 * release (opencode-2.md, "API of the builds"); not tested with a released server. `/api/session/active` lists the
 * working sessions of all directories.
 */
export async function openApiTwo(
  endpoint: Endpoint,
  version: DisplayText,
  limits: Limits,
): Promise<OpencodeApi> {
  const { createOpencodeClient } = await import('@opencode-ai/sdk/v2/client');
  const { v2 } = createOpencodeClient({
    baseUrl: endpoint.url,
    fetch: boundedFetch(limits, endpoint.authorization),
    throwOnError: true,
  });
  return {
    apiVersion: 2,
    version,
    async sessions(limit) {
      const { data } = await v2.session.list({ limit, order: 'desc' });
      return objects(data).map((session) => ({
        ...session,
        directory: at(session, 'location', 'directory'),
      }));
    },
    async directory(path, nowMs) {
      const location = { directory: path };
      const [active, permissions, questions] = await Promise.all([
        v2.session.active(),
        v2.permission.request.list({ location }),
        v2.question.request.list({ location }),
      ]);
      return {
        activities: activitiesOf(at(asObject(active.data), 'data')),
        asks: [
          ...objects(permissions.data).flatMap((each) => permissionAsk(each, nowMs) ?? []),
          ...objects(questions.data).flatMap((each) => questionAsk(each, nowMs) ?? []),
        ],
      };
    },
    // Messages of opencode 2 have another shape. Those of the local service are read from its database.
    messages: async () => [],
    todos: async () => [],
    events: (signal, onSkipped) => boundedEvents('/api/event', endpoint, { limits, onSkipped }, signal),
    async reply(sessionID, _directory, reply) {
      const target = { sessionID, requestID: reply.askId };
      const { permission, question } = v2.session;
      if (reply.to === 'permission') await permission.reply({ ...target, reply: reply.reply });
      else if ('dismissed' in reply) await question.reject(target);
      else
        await question.reply({
          ...target,
          questionV2Reply: { answers: reply.answers.map((each) => [...each]) },
        });
    },
    async abort(sessionID) {
      await v2.session.interrupt({ sessionID });
    },
  };
}

/** Returns the objects under `data`: opencode 2 wraps its responses in it. */
function objects(body: unknown) {
  return asObjects(at(asObject(body), 'data'));
}
