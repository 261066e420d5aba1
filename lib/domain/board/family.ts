import type { Session } from '../session/session.ts';
import type { SessionState } from '../session/state.ts';
import type { Subagent } from './board.ts';

/** Computes the state of a session from its subagents. */
export type JudgeState = (session: Session, subagents: readonly Subagent[]) => SessionState;

/** More than real sessions have: by default opencode's subagents cannot start subagents. */
const maxDepth = 10;

/** True for a session that can have its own row: not a subagent and not archived. */
export function isOpenRoot({ parentId, archivedAtMs }: Session): boolean {
  return parentId === undefined && archivedAtMs === undefined;
}

/** The subagents of each parent session, by the parent's id, newest first. */
export function childrenByParent(sessions: Iterable<Session>): ReadonlyMap<string, readonly Session[]> {
  const children = new Map<string, Session[]>();
  for (const session of sessions) {
    if (session.parentId === undefined) continue;
    const siblings = children.get(session.parentId);
    if (siblings === undefined) children.set(session.parentId, [session]);
    else siblings.push(session);
  }
  for (const siblings of children.values()) siblings.sort(newestFirst);
  return children;
}

/**
 * A root's subagents at any depth with their states, each followed by its own subagents; siblings newest first. The
 * states are computed bottom-up, so that an ask rises through every level. A cycle in the data ends at `maxDepth`.
 */
export function subagentsOf(
  rootId: string,
  children: ReadonlyMap<string, readonly Session[]>,
  judge: JudgeState,
  depth = 1,
): Subagent[] {
  if (depth > maxDepth) return [];
  return (children.get(rootId) ?? []).flatMap((session) => {
    const below = subagentsOf(session.id, children, judge, depth + 1);
    return [{ session, state: judge(session, below), depth }, ...below];
  });
}

function newestFirst(one: Session, other: Session): number {
  return (other.createdAtMs ?? 0) - (one.createdAtMs ?? 0) || (one.id < other.id ? -1 : 1);
}
