import type { Look } from './look.ts';
import { SnapshotError } from './problem.ts';
import type { SessionIndex } from './session-index.ts';
import { tableOf } from './session-row.ts';
import { readTracked, type TrackedSession } from './tracked-session.ts';

const hourMs = 3600 * 1000;
/** Active this recently, a session is read even if no process names it; longer ago only if idle ones are asked for. */
const recentSpanMs = 24 * hourMs;
const idleSpanMs = 7 * 24 * hourMs;
const mostRecent = 60;
const mostIdle = 400;
const mostPerDirectory = 8;
const mostChildren = 100;
const deepestChild = 4;
/** A row with overflow pages may change without its leaf page; only sessions at work do. */
const overflowWatchMs = 5 * 60 * 1000;
/** However slow the machine is, a look gets this far. */
const fewestPerLook = 8;
/** A database in which more sessions than this are damaged is damaged as a whole. */
const mostDamaged = 20;

/** What was read of the sessions that are wanted. */
export interface Wanted {
  readonly tracked: Map<string, TrackedSession>;
  /** Those that were read in this look, because they are new or may have changed. */
  readonly fresh: Set<string>;
  /** Those whose rows are damaged. */
  readonly damaged: Set<string>;
  /** More are wanted than there was time for. */
  readonly partial: boolean;
}

/**
 * Reads the wanted sessions: those asked for by id whatever it takes, the most recent of each directory and the recently
 * active as long as there is time; with their parents and subagents. Known ones that did not change are taken as they are.
 */
export function readWanted(
  look: Look,
  index: SessionIndex,
  before: ReadonlyMap<string, TrackedSession>,
): Wanted {
  const wanted = {
    tracked: new Map<string, TrackedSession>(),
    fresh: new Set<string>(),
    damaged: new Set<string>(),
  };
  let partial = index.isFirstPass;
  const queue = startingIds(look, index).map((id) => ({
    id,
    depth: 0,
    must: look.request.sessionIds.has(id),
  }));
  const queued = new Set(queue.map(({ id }) => id));
  const enqueue = (id: string, depth: number, must: boolean) => {
    if (queued.has(id) || depth > deepestChild) return;
    queued.add(id);
    queue.push({ id, depth, must });
  };
  for (let place = 0; place < queue.length; place += 1) {
    const { id, depth, must } = queue[place] ?? { id: '', depth: 0, must: false };
    const known = before.get(id);
    const isLate = wanted.fresh.size >= fewestPerLook && look.budget.elapsedMs() > look.budget.sessionsMs;
    if (known === undefined && !must && isLate) {
      partial = true;
      continue;
    }
    const session = readOne(look, id, known, wanted);
    if (session === undefined) continue;
    wanted.tracked.set(id, session);
    if (session.row.parentId !== undefined) enqueue(session.row.parentId, depth, must);
    if (known === undefined) findChildren(look, index, id);
    for (const child of index.childrenOf(id, mostChildren)) enqueue(child, depth + 1, false);
  }
  return { ...wanted, partial };
}

/** The ids to begin with, the most needed first. */
function startingIds({ view, generation, request, nowMs }: Look, index: SessionIndex): string[] {
  for (const id of request.sessionIds)
    if (index.heads.get(id) === undefined) index.touch(view, generation, id);
  const inDirectories = [...request.directories].flatMap((directory) =>
    index.inDirectory(view, directory, mostPerDirectory),
  );
  const recent = request.includeIdle
    ? index.recent(nowMs - idleSpanMs, mostIdle)
    : index.recent(nowMs - recentSpanMs, mostRecent);
  const requested = [...request.sessionIds].filter((id) => index.heads.get(id) !== undefined);
  return [...new Set([...requested, ...inDirectories, ...recent])];
}

/** Until the index has seen all sessions, a session's subagents are asked for by the index on `parent_id`. */
function findChildren({ view, generation }: Look, index: SessionIndex, parentId: string): void {
  const table = index.heads.get(parentId)?.table;
  if (!index.pending || table === undefined) return;
  const rows = view.select(`select id from ${table} where parent_id = ? order by id limit ${mostChildren}`, [
    parentId,
  ]);
  for (const row of rows) {
    if (index.heads.get(String(row.id)) === undefined) index.touch(view, generation, String(row.id));
  }
}

/** One wanted session, read if it must be; a damaged row costs that session only. */
function readOne(
  look: Look,
  id: string,
  known: TrackedSession | undefined,
  wanted: { readonly fresh: Set<string>; readonly damaged: Set<string> },
): TrackedSession | undefined {
  const { view, generation, changed } = look;
  const facets = changed === 'all' ? undefined : changed.facets.get(id);
  const rowChanged = changed === 'all' || facets?.has('row') === true || overflowMayHaveChanged(look, known);
  if (known !== undefined && !rowChanged && facets === undefined && !look.emptied.has(id)) return known;
  wanted.fresh.add(id);
  try {
    const table = tableOf(view, generation, id);
    if (table === undefined) return undefined;
    const messagesChanged = changed === 'all' || facets?.has('messages') === true || look.emptied.has(id);
    return readTracked(view, generation, table, id, known, { rowChanged, messagesChanged });
  } catch (error) {
    const isRow = error instanceof SnapshotError && error.kind === 'corrupt';
    if (!isRow || wanted.damaged.size >= mostDamaged) throw error;
    wanted.damaged.add(id);
    return known;
  }
}

function overflowMayHaveChanged({ changed, nowMs }: Look, known: TrackedSession | undefined): boolean {
  if (known === undefined || changed === 'all' || !changed.overflowWritten || !known.row.overflows)
    return false;
  const activeAtMs = Math.max(known.row.updatedAtMs ?? 0, known.conversation.facts.activeAtMs ?? 0);
  return activeAtMs > nowMs - overflowWatchMs;
}
