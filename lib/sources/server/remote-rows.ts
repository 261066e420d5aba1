import type { Row } from '../../domain/board/board.ts';
import { childrenByParent, isOpenRoot } from '../../domain/board/family.ts';
import { isOfInterest, judgedSession, type SessionEvidence } from '../../domain/board/judged-session.ts';
import type { ModelLookup } from '../../domain/session/model-facts.ts';
import type { ReportedStatus } from '../../domain/session/reported-status.ts';
import type { Session } from '../../domain/session/session.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { shiftTimes } from './clock-difference.ts';

/** Options for the state of another host's sessions, the same as for our own. */
export interface RowJudge {
  readonly lookup: ModelLookup;
  readonly viewed: () => {
    readonly bySession: ReadonlyMap<string, number>;
    readonly baselineMs?: number | undefined;
  };
  /** Includes idle sessions (`--all`). */
  readonly includeIdle: boolean;
}

/** The last known sessions of one server. */
export interface RemoteHost {
  readonly host: DisplayText;
  readonly url: string;
  readonly sessions: ReadonlyMap<string, Session>;
  /** With times of our clock. */
  readonly live: ReadonlyMap<string, ReportedStatus>;
  readonly nowMs: number;
  /** How far the server's clock is ahead of ours, in ms. */
  readonly aheadMs: number;
}

/**
 * Returns the rows of a server on another machine: one for each root session that works, needs you, or ended unread, as
 * for a server of this machine. States are computed with the server's clock; the rows' times are converted to ours.
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
  // The server runs its sessions itself, so an unfinished turn may continue.
  const runner = { process: { children: [] } };
  return [...sessions.values()]
    .filter(isOpenRoot)
    .map((session): Row => {
      const judged = judgedSession(session, runner, evidence);
      return { key: `${host} ${session.id}`, host, serverUrl: url, ...judged };
    })
    .filter((row) => includeIdle || isOfInterest(row))
    .map((row) => (aheadMs === 0 ? row : shiftTimes(row, aheadMs)));
}
