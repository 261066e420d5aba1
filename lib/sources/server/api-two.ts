import type { DisplayText } from '../../text/sanitize.ts';
import { asObject, asObjects, at } from '../json.ts';
import { boundedEvents } from './bounded-events.ts';
import { boundedFetch, type Limits } from './bounded-fetch.ts';
import { activitiesOf, permissionAsk, questionAsk } from './live-wire.ts';
import type { OpencodeApi, Reach } from './opencode-api.ts';

/**
 * The API of opencode 2, all under `/api`, as the SDK and builds before the release have it (opencode-2.md, "API of the
 * builds"): it has not met a real one. A session at work is in `/api/session/active`, whatever its directory.
 */
export async function openApiTwo(reach: Reach, version: DisplayText, limits: Limits): Promise<OpencodeApi> {
  const { createOpencodeClient } = await import('@opencode-ai/sdk/v2/client');
  const { v2 } = createOpencodeClient({
    baseUrl: reach.url,
    fetch: boundedFetch(limits, reach.authorization),
    throwOnError: true,
  });
  return {
    generation: 2,
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
    // Its messages have another shape; the local service's are read from its database.
    messages: async () => [],
    todos: async () => [],
    events: (signal, onSkipped) => boundedEvents('/api/event', reach, { limits, onSkipped }, signal),
    async reply(sessionID, _directory, reply) {
      const place = { sessionID, requestID: reply.askId };
      const { permission, question } = v2.session;
      if (reply.to === 'permission') await permission.reply({ ...place, reply: reply.reply });
      else if ('dismissed' in reply) await question.reject(place);
      else
        await question.reply({
          ...place,
          questionV2Reply: { answers: reply.answers.map((each) => [...each]) },
        });
    },
    async abort(sessionID) {
      await v2.session.interrupt({ sessionID });
    },
  };
}

/** The objects under `data`, where opencode 2 puts its answers. */
function objects(body: unknown) {
  return asObjects(at(asObject(body), 'data'));
}
