import type { SessionRequest } from '../../domain/readings.ts';
import type { ChangedSessions } from './changed-sessions.ts';
import type { Generation } from './generation.ts';
import { SnapshotError } from './problem.ts';
import type { SessionIndex } from './session-index.ts';
import { type SessionTable, tableOf } from './session-row.ts';
import type { SnapshotView } from './snapshot.ts';
import { readTracked, type TrackedSession } from './tracked-session.ts';

/** How long one refresh may take, beyond reading what changed; milliseconds. */
export interface Budget {
  /** Time since the refresh began. */
  readonly elapsedMs: () => number;
  /** For sessions that are wanted for the first time. */
  readonly sessionsMs: number;
  /** For the passes over all sessions. */
  readonly passesMs: number;
}

/** One look at one database: what is looked at, and what for. */
export interface Look {
  readonly view: SnapshotView;
  readonly generation: Generation;
  readonly changed: ChangedSessions;
  /** Known sessions that may have lost their last rows on some page. */
  readonly emptied: ReadonlySet<string>;
  readonly request: SessionRequest;
  readonly nowMs: number;
  readonly budget: Budget;
}

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

/** Brings the index up to what the commits wrote; the first time, and when all may have changed, it starts its passes. */
export function followChanges(
  look: Look,
  index: SessionIndex,
  tracked: ReadonlyMap<string, TrackedSession>,
): void {
  const { view, generation, changed, nowMs, budget } = look;
  if (changed === 'all') {
    if (isAnother(look, index)) index.clear();
    index.restart(view, generation);
  } else {
    for (const [id, facets] of changed.facets) {
      if (facets.has('row')) index.touch(view, generation, id);
      else index.touchMessages(view, generation, id);
    }
    for (const id of look.emptied) index.touchMessages(view, generation, id);
  }
  const until = index.isFirstPass ? budget.sessionsMs / 2 : budget.passesMs;
  do index.step(view, nowMs);
  while (index.pending && budget.elapsedMs() < until);
  for (const id of goneOf(look, [...tracked.keys()])) index.remove(id);
  if (!index.pending) removeDeleted(look, index);
}

/** Deleted sessions that are not shown count in the totals still: where the number is another, all ids are compared. */
function removeDeleted({ view, generation, changed }: Look, index: SessionIndex): void {
  if (changed !== 'all' && !changed.anyCommit) return;
  const ids = tablesOf(generation).map((table) => `select id from ${table}`);
  const all = ids.join(' union ');
  const [count] = view.select(`select count(*) as n from (${all})`);
  if (count?.n === index.size) return;
  const there = new Set(view.select(all).map((row) => row.id));
  for (const id of [...index.ids()]) if (!there.has(id)) index.remove(id);
}

function tablesOf(generation: Generation): SessionTable[] {
  const tables: SessionTable[] = generation.session.size > 0 ? ['session'] : [];
  return generation.sessionV2.size > 0 ? [...tables, 'session_v2'] : tables;
}

/** A database deleted and made anew under the same path has none of the sessions that the old one had. */
function isAnother(look: Look, index: SessionIndex): boolean {
  const some: string[] = [];
  for (const id of index.ids()) {
    some.push(id);
    if (some.length === 50) break;
  }
  return some.length > 0 && goneOf(look, some).length === some.length;
}

/** Which of these sessions are not there any more. */
export function goneOf({ view, generation, changed }: Look, ids: readonly string[]): string[] {
  if (ids.length === 0 || (changed !== 'all' && !changed.anyCommit)) return [];
  const selects = tablesOf(generation).map(
    (table) => `select id from ${table} where id in (select value from json_each(?1))`,
  );
  const rows = view.select(selects.join(' union all '), [JSON.stringify(ids)]);
  const there = new Set(rows.map((row) => row.id));
  return ids.filter((id) => !there.has(id));
}

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
  let partial = index.pending;
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
  for (const id of request.sessionIds) if (index.head(id) === undefined) index.touch(view, generation, id);
  const inDirectories = [...request.directories].flatMap((directory) =>
    index.inDirectory(view, directory, mostPerDirectory),
  );
  const recent = request.includeIdle
    ? index.recent(nowMs - idleSpanMs, mostIdle)
    : index.recent(nowMs - recentSpanMs, mostRecent);
  const requested = [...request.sessionIds].filter((id) => index.head(id) !== undefined);
  return [...new Set([...requested, ...inDirectories, ...recent])];
}

/** Until the index has seen all sessions, a session's subagents are asked for by the index on `parent_id`. */
function findChildren({ view, generation }: Look, index: SessionIndex, parentId: string): void {
  const table = index.head(parentId)?.table;
  if (!index.pending || table === undefined) return;
  const rows = view.select(`select id from ${table} where parent_id = ? order by id limit ${mostChildren}`, [
    parentId,
  ]);
  for (const row of rows) {
    if (index.head(String(row.id)) === undefined) index.touch(view, generation, String(row.id));
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
