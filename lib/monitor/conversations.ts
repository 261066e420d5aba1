import { isElsewhere } from '../domain/process/whereabouts.ts';
import type { Session } from '../domain/session/session.ts';
import type { HistoryMessage, SessionDetail } from '../domain/session/session-detail.ts';
import type { SessionDetails } from '../sources/opencode/session-detail.ts';
import type { RemoteDetails } from '../sources/server/remote-details.ts';

/** The messages and todos of sessions, wherever they are kept. */
export interface Conversations {
  /** How many messages, and the todos; undefined where they cannot be read, now or yet. */
  open(session: Session): SessionDetail | undefined;
  /** How many messages, at the cost of reading nothing where the Board knows; undefined as above. */
  messageCount(session: Session): number | undefined;
  messages(session: Session, from: number, count: number): readonly HistoryMessage[];
  /** Changes whenever `open` has something new that the session itself does not show. */
  revision(session: Session): string;
  close(): void;
}

/** Those in databases of this machine, and those that a named server has. */
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
