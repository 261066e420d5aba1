import { isElsewhere } from '../domain/process/whereabouts.ts';
import type { Session } from '../domain/session/session.ts';
import type { HistoryMessage, SessionDetail } from '../domain/session/session-detail.ts';
import type { SessionDetails } from '../sources/opencode/session-detail.ts';
import type { RemoteDetails } from '../sources/server/remote-details.ts';

/** Reads messages and todos of sessions, from local databases or from remote servers. */
export interface Conversations {
  /** The message count and the todos; undefined if they cannot be read now or have not arrived yet. */
  open(session: Session): SessionDetail | undefined;
  /**
   * The message count; reads nothing if the session already has it. Undefined under the same conditions as `open`.
   */
  messageCount(session: Session): number | undefined;
  /** The messages from index `from` on; fewer than `count` if they do not exist or cannot be read. */
  messages(session: Session, from: number, count: number): readonly HistoryMessage[];
  /** A string that changes whenever `open` returns something new that the session itself does not show. */
  revision(session: Session): string;
  close(): void;
}

/** Reads local sessions from their databases, and remote ones from the server that has them. */
export function conversations(local: SessionDetails, remote: RemoteDetails | undefined): Conversations {
  const changeOf = ({ activeAtMs, todos }: Session) => `${activeAtMs} ${todos?.done}`;
  const open = (session: Session) =>
    isElsewhere(session) ? remote?.open(session.id, changeOf(session)) : local.open(session);
  return {
    open,
    messageCount: (session) =>
      (isElsewhere(session) ? undefined : session.messageCount) ?? open(session)?.messageCount,
    messages: (session, from, count) =>
      isElsewhere(session)
        ? (remote?.messages(session.id, from, count) ?? [])
        : local.messages(session, from, count),
    revision: (session) => (isElsewhere(session) ? (remote?.revision(session.id) ?? '') : ''),
    close: () => local.close(),
  };
}
