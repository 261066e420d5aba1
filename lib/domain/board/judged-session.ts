import type { LogFacts } from '../evidence/log-facts.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { ModelLookup } from '../session/model-facts.ts';
import type { ReportedStatus } from '../session/reported-status.ts';
import type { StateEvidence } from '../session/rules/state-evidence.ts';
import { latest, type Session } from '../session/session.ts';
import type { SessionState, StateName } from '../session/state.ts';
import { sessionState } from '../session/status.ts';
import type { Row } from './board.ts';
import { subagentsOf } from './family.ts';
import { contextUse, costWithSubagents, ownCost } from './figures.ts';

/** The evidence for the sessions of one machine, at one instant of its clock. */
export interface SessionEvidence {
  readonly nowMs: number;
  readonly lookup: ModelLookup;
  /** The result of `childrenByParent`. */
  readonly children: ReadonlyMap<string, readonly Session[]>;
  /** opencode's own report of a session; undefined without one. */
  reportOf(sessionId: string): ReportedStatus | undefined;
  /** When the user last viewed a session; undefined if unknown, then the session is never unread. */
  viewedAtMs(sessionId: string): number | undefined;
}

/** The process that runs a session, and its log. */
export interface SessionRunner {
  readonly process?: StateEvidence['process'];
  readonly log?: LogFacts | undefined;
}

/** The fields of a row that describe its session. */
export interface JudgedSession extends Pick<Row, 'state' | 'context' | 'children'> {
  readonly session: Session;
  readonly cost: NonNullable<Row['cost']>;
}

/**
 * Judges a root session: its state, its subagents, its use of the model's window and its cost. Rows of this machine and
 * of named servers both use this function; only their evidence differs.
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
    // opencode 2 records views in its own TUI too.
    viewedAtMs: latest([viewedAtMs(session.id), session.viewedAtMs]),
  });
  const family = subagents.map((sub) => sub.session);
  return {
    session,
    state,
    context: contextUse(session, lookup),
    cost: costWithSubagents(session, family, lookup),
    children: subagents.map((sub) =>
      omitUndefined({
        ...sub,
        context: contextUse(sub.session, lookup),
        cost: ownCost(sub.session, lookup),
      }),
    ),
  };
}

const restNames: ReadonlySet<StateName> = new Set(['idle', 'stale', 'new', 'error', 'truncated']);

/** True for a state without work and without a wait. */
export function isAtRest({ name }: SessionState): boolean {
  return restNames.has(name);
}

/** True for a row that works, waits, needs the user or ended unread. */
export function isOfInterest({ state }: Pick<Row, 'state'>): boolean {
  return !isAtRest(state) || state.needsYou || state.unread;
}
