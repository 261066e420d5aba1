import {
  type ActOutcome,
  type Answer,
  type PendingAsk,
  type Reply,
  replyTo,
  type SessionActs,
} from '../../domain/session/acts.ts';
import type { ReportedAsk } from '../../domain/session/reported-status.ts';
import { sanitize } from '../../text/sanitize.ts';
import { failureText, mayHaveArrived } from './failure.ts';
import type { HostedSession, HostedSessions } from './hosted-sessions.ts';
import type { OpencodeApi } from './opencode-api.ts';

/** A server that hosts a session and accepts requests for it. */
export interface SessionHost {
  readonly api: Pick<OpencodeApi, 'reply' | 'abort'>;
  readonly hosted: Pick<HostedSession, 'directory' | 'asks'>;
}

/** Returns the server that hosts a session, or undefined while no such server is connected. */
type FindHost = (sessionId: string) => SessionHost | undefined;

/** Returns the open asks of all sessions that one server hosts. */
export function asksOf(hosted: HostedSessions): PendingAsk[] {
  return [...hosted.all()].flatMap(({ id, asks }) => asks.map((ask) => ({ sessionId: id, ask })));
}

/** Returns session actions that go through the API of the server that hosts the session. They never reject. */
export function serverActs(findHost: FindHost, listAsks: () => readonly PendingAsk[]): SessionActs {
  const act = async (
    sessionId: string,
    description: string,
    request: (api: SessionHost['api'], directory: string | undefined) => Promise<void>,
  ): Promise<ActOutcome> => {
    const host = findHost(sessionId);
    if (host === undefined) return outcome(false, `no server that hosts ${sessionId} can be reached`);
    try {
      await request(host.api, host.hosted.directory);
      return outcome(true, `${description} in ${sessionId}`);
    } catch (error) {
      const doubt = mayHaveArrived(error) ? 'it is unknown whether this was done' : 'this could not be done';
      return outcome(false, `${doubt} (${description} in ${sessionId}): ${failureText(error)}`);
    }
  };
  return {
    // Two servers may report the same session.
    asks: () => [...new Map(listAsks().map((pending) => [pending.ask.id, pending])).values()],
    reaches: (sessionId) => findHost(sessionId) !== undefined,
    async answer(sessionId: string, ask: ReportedAsk, answer: Answer) {
      const reply = replyTo(ask, answer);
      if ('refused' in reply) return { done: false, text: reply.refused };
      const host = findHost(sessionId);
      // opencode 1.2.27 accepts an answer even if no ask is open (opencode.md, "Memory of a server").
      if (host !== undefined && !host.hosted.asks.some(({ id }) => id === ask.id))
        return outcome(false, `${sessionId} no longer waits for this answer`);
      return act(sessionId, describe(ask, reply), (api, directory) => api.reply(sessionId, directory, reply));
    },
    abort: (sessionId) =>
      act(sessionId, 'ended the turn', (api, directory) => api.abort(sessionId, directory)),
  };
}

function describe({ tool, patterns }: ReportedAsk, reply: Reply): string {
  if (reply.to === 'permission') {
    const how = { once: 'allowed once', always: 'allowed always', reject: 'rejected' }[reply.reply];
    return `${how}: ${[tool, ...patterns].filter((word) => word !== undefined).join(' ')}`;
  }
  if ('dismissed' in reply) return `dismissed: ${patterns.join(' ')}`;
  if (reply.to === 'form') {
    const values = Object.values(reply.answer).map((value) =>
      Array.isArray(value) ? value.join(', ') : value,
    );
    return `answered ${values.join('; ')}: ${patterns.join(' ')}`;
  }
  return `answered ${reply.answers.map((each) => each.join(', ')).join('; ')}: ${patterns.join(' ')}`;
}

function outcome(done: boolean, text: string): ActOutcome {
  return { done, text: sanitize(text, 300) };
}
