import type { LogFacts } from '../evidence/log-facts.ts';
import type { ModelLookup } from '../session/model-facts.ts';
import type { ReportedStatus } from '../session/reported-status.ts';
import type { StateEvidence } from '../session/rules/state-evidence.ts';
import type { Session } from '../session/session.ts';
import type { SessionState, StateName } from '../session/state.ts';
import { sessionState } from '../session/status.ts';
import type { Row } from './board.ts';
import { contextUse } from './context-use.ts';
import { subagentsOf } from './family.ts';
import { costWithSubagents } from './pricing.ts';

/** What the sessions of one machine are judged by, at one instant of its clock. */
export interface SessionEvidence {
  readonly nowMs: number;
  readonly lookup: ModelLookup;
  /** Sessions by their parent, newest first: `childrenByParent` gives them. */
  readonly children: ReadonlyMap<string, readonly Session[]>;
  /** What opencode itself says of a session. */
  reportOf(sessionId: string): ReportedStatus | undefined;
  /** When you last looked at a session; undefined where otop has no record, then it is not unread. */
  viewedAtMs(sessionId: string): number | undefined;
}

/** The process that runs a session, with its log. */
export interface SessionRunner {
  readonly process?: StateEvidence['process'];
  readonly log?: LogFacts | undefined;
}

/** What a row says of its session. */
export interface JudgedSession extends Pick<Row, 'state' | 'context' | 'children'> {
  readonly session: Session;
  readonly cost: NonNullable<Row['cost']>;
}

/**
 * Judges a root session: its state and its subagents', how full its model's window is, what it cost. The only place for
 * that: rows of this machine and of named servers differ in their evidence alone.
 */
export function judgedSession(
  session: Session,
  { process, log }: SessionRunner,
  { nowMs, lookup, children, reportOf, viewedAtMs }: SessionEvidence,
): JudgedSession {
  const evidence = { process, log, nowMs };
  const subagents = subagentsOf(session.id, children, (sub, below) =>
    sessionState({ ...evidence, session: sub, reported: reportOf(sub.id), subagents: below }),
  );
  const state = sessionState({
    ...evidence,
    session,
    reported: reportOf(session.id),
    subagents,
    viewedAtMs: viewedAtMs(session.id),
  });
  const family = subagents.map((sub) => sub.session);
  return {
    session,
    state,
    context: contextUse(session, lookup),
    cost: costWithSubagents(session, family, lookup),
    children: subagents,
  };
}

const restNames: ReadonlySet<StateName> = new Set(['idle', 'stale', 'new', 'error', 'truncated']);

/** True where nothing goes on and nobody is waited for. */
export function isAtRest({ name }: SessionState): boolean {
  return restNames.has(name);
}

/** At work, waiting, or ended in a way that you have not seen or must see to. */
export function isOfInterest({ state }: Pick<Row, 'state'>): boolean {
  return !isAtRest(state) || state.needsYou || state.unread;
}
