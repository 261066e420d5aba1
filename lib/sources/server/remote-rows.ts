import type { Row } from '../../domain/board/board.ts';
import { isOfInterest } from '../../domain/board/build-board.ts';
import { contextUse } from '../../domain/board/context-use.ts';
import { childrenByParent, subagentsOf } from '../../domain/board/family.ts';
import { costWithSubagents } from '../../domain/board/pricing.ts';
import type { LiveStatus } from '../../domain/session/live-status.ts';
import type { ModelLookup } from '../../domain/session/model-facts.ts';
import type { Session } from '../../domain/session/session.ts';
import { sessionState } from '../../domain/session/status.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { setBack } from './clock-difference.ts';

/** What rows of other hosts are judged by: the same as our own. */
export interface RowJudge {
  readonly lookup: ModelLookup;
  readonly viewed: () => {
    readonly bySession: ReadonlyMap<string, number>;
    readonly baselineMs?: number | undefined;
  };
  /** Sessions at rest, too (`--all`). */
  readonly includeIdle: boolean;
}

/** What one server said. */
export interface RemoteHost {
  readonly host: DisplayText;
  readonly url: string;
  readonly sessions: ReadonlyMap<string, Session>;
  /** In our time. */
  readonly live: ReadonlyMap<string, LiveStatus>;
  readonly nowMs: number;
  /** How far its clock is ahead of ours. */
  readonly aheadMs: number;
}

/**
 * The rows of a server whose processes are not seen: one for each root session that is at work or needs you, or ended
 * unread, as for a server of this machine. They are judged by the server's own clock, and their times are in ours.
 */
export function remoteRows(
  { host, url, sessions, live, nowMs, aheadMs }: RemoteHost,
  { lookup, viewed, includeIdle }: RowJudge,
): readonly Row[] {
  const children = childrenByParent(sessions.values());
  const { bySession, baselineMs } = viewed();
  // The server itself runs them: whatever is unfinished in it may go on.
  const evidence = { process: { children: [] }, nowMs: nowMs + aheadMs };
  const statusOf = (id: string) => {
    const status = live.get(id);
    return status && { ...status, atMs: status.atMs + aheadMs };
  };
  const roots = [...sessions.values()].filter(
    ({ parentId, archivedAtMs }) => parentId === undefined && archivedAtMs === undefined,
  );
  return roots
    .map((session): Row => {
      const subagents = subagentsOf(session.id, children, (sub, below) =>
        sessionState({ ...evidence, session: sub, live: statusOf(sub.id), subagents: below }),
      );
      const seenAtMs = bySession.get(session.id) ?? baselineMs;
      const viewedAtMs = seenAtMs === undefined ? undefined : seenAtMs + aheadMs;
      const family = subagents.map((sub) => sub.session);
      return {
        key: `${host} ${session.id}`,
        host,
        serverUrl: url,
        session,
        state: sessionState({ ...evidence, session, live: statusOf(session.id), subagents, viewedAtMs }),
        context: contextUse(session, lookup),
        cost: costWithSubagents(session, family, lookup),
        children: subagents,
      };
    })
    .filter((row) => includeIdle || isOfInterest(row))
    .map((row) => (aheadMs === 0 ? row : setBack(row, aheadMs)));
}
