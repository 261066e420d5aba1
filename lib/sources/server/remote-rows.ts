import type { Row } from '../../domain/board/board.ts';
import { childrenByParent, isOpenRoot } from '../../domain/board/family.ts';
import { isOfInterest, judgedSession, type SessionEvidence } from '../../domain/board/judged-session.ts';
import type { ModelLookup } from '../../domain/session/model-facts.ts';
import type { ReportedStatus } from '../../domain/session/reported-status.ts';
import type { Session } from '../../domain/session/session.ts';
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
  readonly live: ReadonlyMap<string, ReportedStatus>;
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
  const { bySession, baselineMs } = viewed();
  const evidence: SessionEvidence = {
    nowMs: nowMs + aheadMs,
    lookup,
    children: childrenByParent(sessions.values()),
    reportOf: (id) => {
      const status = live.get(id);
      return status && { ...status, atMs: status.atMs + aheadMs };
    },
    viewedAtMs: (id) => {
      const atMs = bySession.get(id) ?? baselineMs;
      return atMs === undefined ? undefined : atMs + aheadMs;
    },
  };
  // The server itself runs them: whatever is unfinished in it may go on.
  const runner = { process: { children: [] } };
  return [...sessions.values()]
    .filter(isOpenRoot)
    .map((session): Row => {
      const judged = judgedSession(session, runner, evidence);
      return { key: `${host} ${session.id}`, host, serverUrl: url, ...judged };
    })
    .filter((row) => includeIdle || isOfInterest(row))
    .map((row) => (aheadMs === 0 ? row : setBack(row, aheadMs)));
}
