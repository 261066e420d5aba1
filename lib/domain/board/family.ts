import type { Session } from '../session/session.ts';
import type { SessionState } from '../session/state.ts';
import type { Subagent } from './board.ts';

/** Tells a session's state, given its subagents'. */
export type JudgeState = (session: Session, subagents: readonly Subagent[]) => SessionState;

/** Deeper than any real nesting: opencode's subagents may not start their own by default. */
const depthLimit = 10;

/** True for a session that can have a row of its own: no subagent, and not archived. */
export function isOpenRoot({ parentId, archivedAtMs }: Session): boolean {
  return parentId === undefined && archivedAtMs === undefined;
}

/** Sessions by their parent, newest first. */
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
 * A root's subagents at any depth with their states, each followed by its own; siblings newest first. States are
 * told from the bottom up, so that an ask rises through every level. A circle in the data ends at the depth limit.
 */
export function subagentsOf(
  rootId: string,
  children: ReadonlyMap<string, readonly Session[]>,
  tell: JudgeState,
  depth = 1,
): Subagent[] {
  if (depth > depthLimit) return [];
  return (children.get(rootId) ?? []).flatMap((session) => {
    const below = subagentsOf(session.id, children, tell, depth + 1);
    return [{ session, state: tell(session, below), depth }, ...below];
  });
}

function newestFirst(one: Session, other: Session): number {
  return (other.createdAtMs ?? 0) - (one.createdAtMs ?? 0) || (one.id < other.id ? -1 : 1);
}
