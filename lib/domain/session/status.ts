import { omitUndefined } from '../omit-undefined.ts';
import { isServer, type OpencodeProcess } from '../process/process.ts';
import { rules } from './rules/rules.ts';
import type { StateEvidence, Verdict } from './rules/state-evidence.ts';
import { readTurn } from './rules/turn.ts';
import type { SessionState } from './state.ts';

/** The processes of one machine share a clock; a time further in the future is invalid. */
const clockSlackMs = 2_000;

/**
 * The state of a session, from the first rule of the table that decides. Any evidence gives a state; it never throws.
 * `sinceMs` comes from the data and is never later than `nowMs`.
 */
export function sessionState(evidence: StateEvidence): SessionState {
  const turn = readTurn(evidence);
  for (const { id, decide } of rules) {
    const verdict = decide(turn, evidence);
    if (verdict !== undefined) return stateOf(verdict, id, evidence);
  }
  // Only a session whose messages otop did not read reaches this line. Only its last activity is known.
  return stateOf({ name: 'idle', sinceMs: evidence.session.activeAtMs, seen: true }, 'not-read', evidence);
}

/** The state of a process without a known session: `idle` for servers and viewers, else `new`. */
export function processState(process: OpencodeProcess, isViewer: boolean): SessionState {
  const { startedAtMs } = process;
  const isIdle = isViewer || isServer(process);
  return omitUndefined({
    name: isIdle ? 'idle' : 'new',
    sinceMs: startedAtMs,
    needsYou: false,
    unread: false,
    rule: isIdle ? 'server-or-viewer' : 'no-session',
  });
}

function stateOf(verdict: Verdict, rule: string, evidence: StateEvidence): SessionState {
  const { name, askingFor, raisedFrom, detail, tool, seen } = verdict;
  const sinceMs = pastOnly(verdict.sinceMs, evidence.nowMs);
  const isRoot = evidence.session.parentId === undefined;
  const failed = (name === 'error' || name === 'truncated') && isRoot && evidence.process !== undefined;
  return omitUndefined({
    name,
    askingFor,
    detail,
    tool,
    sinceMs,
    raisedFrom,
    needsYou: name === 'asking' || failed,
    unread: name === 'idle' && isRoot && seen !== true && isUnread(sinceMs, evidence),
    rule,
  });
}

/** True if the turn ended after the session was last viewed. A pane on a client's screen counts as viewed now. */
function isUnread(endedAtMs: number | undefined, { viewedAtMs, process }: StateEvidence): boolean {
  if (endedAtMs === undefined || viewedAtMs === undefined || process?.pane?.active === true) return false;
  return endedAtMs > viewedAtMs;
}

function pastOnly(sinceMs: number | undefined, nowMs: number): number | undefined {
  if (sinceMs === undefined || !Number.isFinite(sinceMs) || sinceMs > nowMs + clockSlackMs) return undefined;
  return Math.min(sinceMs, nowMs);
}
