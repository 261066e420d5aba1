import { omitUndefined } from '../omit-undefined.ts';
import { isServer, type OpencodeProcess } from '../process/process.ts';
import { rules } from './rules/rules.ts';
import type { StateEvidence, Verdict } from './rules/state-evidence.ts';
import { readTurn } from './rules/turn.ts';
import type { SessionState } from './state.ts';

/** Clocks of one machine agree; a time further ahead than this is no time at all. */
const clockSlackMs = 2_000;

/**
 * What a session is doing, since when, and whether it needs a person: the first rule of the table that decides.
 * Total: any evidence gives a state. `sinceMs` comes from the data and never lies after `nowMs`.
 */
export function sessionState(evidence: StateEvidence): SessionState {
  const turn = readTurn(evidence);
  for (const { id, decide } of rules) {
    const verdict = decide(turn, evidence);
    if (verdict !== undefined) return stateOf(verdict, id, evidence);
  }
  // Only a session whose messages were not read gets here: what is known is when it was last active.
  return stateOf({ name: 'idle', sinceMs: evidence.session.activeAtMs, seen: true }, 'not-read', evidence);
}

/** The state of a process that runs no known session: a fresh TUI is `new`, servers and viewers are at rest. */
export function processState(process: OpencodeProcess, isViewer: boolean): SessionState {
  const { startedAtMs } = process;
  const waits = isViewer || isServer(process);
  return omitUndefined({
    name: waits ? 'idle' : 'new',
    sinceMs: startedAtMs,
    needsYou: false,
    unread: false,
    rule: waits ? 'server-or-viewer' : 'no-session',
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

/** A turn that ended after the last look; a pane that is on a client's screen now is being looked at. */
function isUnread(endedAtMs: number | undefined, { viewedAtMs, process }: StateEvidence): boolean {
  if (endedAtMs === undefined || viewedAtMs === undefined || process?.pane?.active === true) return false;
  return endedAtMs > viewedAtMs;
}

function pastOnly(sinceMs: number | undefined, nowMs: number): number | undefined {
  if (sinceMs === undefined || !Number.isFinite(sinceMs) || sinceMs > nowMs + clockSlackMs) return undefined;
  return Math.min(sinceMs, nowMs);
}
