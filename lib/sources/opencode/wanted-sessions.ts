import { unlessDamaged } from '../sqlite/problem.ts';
import type { WrittenRows } from './conversation.ts';
import type { Look } from './look.ts';
import type { SessionIndex } from './session-index.ts';
import { rowsOf, tablesOf } from './session-tables.ts';
import { readTracked, type TrackedChange, type TrackedSession } from './tracked-session.ts';

const hourMs = 3600 * 1000;
/**
 * Sessions active within this time are read even if no process names them, older ones only if idle ones are requested.
 */
const recentSpanMs = 24 * hourMs;
const idleSpanMs = 7 * 24 * hourMs;
const maxRecent = 60;
const maxIdle = 400;
const maxPerDirectory = 8;
const maxChildren = 100;
const maxChildDepth = 4;
/**
 * A session active within this time may change without a written page that shows it, so it is read on any suspicion.
 */
const activeSpanMs = 5 * 60 * 1000;

/** The tracked sessions, as one look leaves them for the next. */
export interface TrackingState {
  readonly tracked: ReadonlyMap<string, TrackedSession>;
  /** The ids of tracked sessions that may have changed, and are read again when there is time. */
  readonly stale: ReadonlySet<string>;
  /** The ids of sessions whose rows are damaged. */
  readonly damaged: ReadonlySet<string>;
}

/** The wanted sessions of one look. */
export interface Wanted extends TrackingState {
  /** The ids of the sessions read in this look, because they are new or may have changed. */
  readonly fresh: ReadonlySet<string>;
  /** True if there was no time for all wanted sessions. */
  readonly partial: boolean;
}

/**
 * Reads the wanted sessions with their parents and subagents: those requested by id in any case, then the most recent
 * of each directory and the recently active while there is time. Known sessions that did not change are reused. If all
 * may have changed, the active ones are read again at once, the others now or in later looks.
 */
export function readWanted(look: Look, index: SessionIndex, before: TrackingState): Wanted {
  const wanted = {
    tracked: new Map<string, TrackedSession>(),
    stale: new Set<string>(),
    damaged: new Set<string>(),
    fresh: new Set<string>(),
  };
  const { request, budget } = look;
  const isLate = () => wanted.fresh.size >= budget.minSessions && budget.elapsedMs() > budget.sessionsMs;
  const starting = startingIds(look, index);
  let partial = index.isFirstPass || starting.partial;
  const queue = starting.ids.map((id) => ({ id, depth: 0, isRequired: request.sessionIds.has(id) }));
  const queued = new Set(queue.map(({ id }) => id));
  const enqueue = (id: string, depth: number, isRequired: boolean) => {
    if (queued.has(id) || depth > maxChildDepth) return;
    queued.add(id);
    queue.push({ id, depth, isRequired });
  };
  // The queue grows in this loop: each session adds its parent and its subagents.
  for (const { id, depth, isRequired } of queue) {
    const known = before.tracked.get(id);
    if (known === undefined && before.damaged.has(id) && !isWritten(look, id)) {
      wanted.damaged.add(id);
      continue;
    }
    const canWait = !isRequired && isLate();
    if (known === undefined && canWait) {
      partial = true;
      continue;
    }
    const isDamaged = before.damaged.has(id);
    const isStale = before.stale.has(id);
    const need =
      known === undefined ? everything : needOf(look, index, known, { isStale, isDamaged, canWait });
    const session = need.kind === 'read' ? readOne({ look, index, id, known, need, wanted }) : known;
    if (need.kind === 'wait') wanted.stale.add(id);
    if (need.kind !== 'read' && before.damaged.has(id)) wanted.damaged.add(id);
    if (session === undefined) continue;
    wanted.tracked.set(id, session);
    if (session.row.parentId !== undefined) enqueue(session.row.parentId, depth, isRequired);
    if (known === undefined) findChildren(look, index, id);
    for (const child of index.childrenOf(id, maxChildren)) enqueue(child, depth + 1, false);
  }
  return { ...wanted, partial };
}

/** The ids to begin with, the most urgent first; `partial` is true if a later look may find others. */
function startingIds(
  { view, schemaVersion, request, nowMs, budget }: Look,
  index: SessionIndex,
): { readonly ids: readonly string[]; readonly partial: boolean } {
  for (const id of request.sessionIds)
    if (index.heads.get(id) === undefined) index.refreshHead(view, schemaVersion, id);
  const isLate = () => budget.elapsedMs() > budget.sessionsMs;
  const inDirectories = [...request.directories].map((directory) =>
    index.inDirectory({ view, schemaVersion }, directory, maxPerDirectory, isLate),
  );
  const recent = request.includeIdle
    ? index.recent(nowMs - idleSpanMs, maxIdle)
    : index.recent(nowMs - recentSpanMs, maxRecent);
  const requested = [...request.sessionIds].filter((id) => index.heads.get(id) !== undefined);
  return {
    ids: [...new Set([...requested, ...inDirectories.flatMap(({ ids }) => ids), ...recent])],
    partial: inDirectories.some(({ partial }) => partial),
  };
}

/** Adds a session's subagents to the index with a query on `parent_id`, as long as the index lacks sessions. */
function findChildren({ view, schemaVersion }: Look, index: SessionIndex, parentId: string): void {
  const table = index.heads.get(parentId)?.table;
  if (!index.pending || table === undefined) return;
  const read = () =>
    view.select(
      `select id from ${rowsOf(schemaVersion, table)} where parent_id = ? order by id limit ${maxChildren}`,
      [parentId],
    );
  for (const row of index.orIfDamaged(read, [])) {
    if (index.heads.get(String(row.id)) === undefined) index.refreshHead(view, schemaVersion, String(row.id));
  }
}

/** The parts of a session to read now, or later, or nothing. */
type Need = ({ readonly kind: 'read' } & TrackedChange) | { readonly kind: 'wait' | 'nothing' };

const everything = {
  kind: 'read',
  row: true,
  todos: true,
  conversation: 'all',
  touchedAtMs: undefined,
} as const satisfies Need;

function needOf(
  look: Look,
  index: SessionIndex,
  known: TrackedSession,
  {
    isStale,
    isDamaged,
    canWait,
  }: { readonly isStale: boolean; readonly isDamaged: boolean; readonly canWait: boolean },
): Need {
  const { changed, shrunk } = look;
  const { id } = known.row;
  const change = changed === 'all' ? undefined : changed.sessions.get(id);
  if (isStale || changed === 'all') {
    const isUrgent = change !== undefined || shrunk.has(id) || isActive(look, index, known);
    return canWait && !isUrgent ? { kind: 'wait' } : everything;
  }
  const all = change?.lost === true || shrunk.has(id);
  const messagesChanged =
    all || (change !== undefined && (change.todos || change.messages.size + change.parts.size > 0));
  const row = change?.row === true || overflowMayHaveChanged(look, known, messagesChanged);
  if (!row && !messagesChanged) return { kind: 'nothing' };
  const touchedAtMs = change === undefined ? undefined : look.nowMs;
  // A damaged session was last read before the last look, so the written rows alone are not enough.
  if (all || isDamaged) return { ...everything, row: row || isDamaged, touchedAtMs };
  return {
    kind: 'read',
    row,
    todos: change?.todos === true,
    conversation: change ?? noWrittenRows,
    touchedAtMs,
  };
}

const noWrittenRows: WrittenRows = { messages: new Map(), parts: new Map() };

/** True if a commit may have changed a session since the last look. */
function isWritten({ changed, shrunk }: Look, id: string): boolean {
  return changed === 'all' || changed.sessions.has(id) || shrunk.has(id);
}

/** True if a session was active recently, or has messages newer than its last read. */
function isActive({ nowMs }: Look, index: SessionIndex, known: TrackedSession): boolean {
  const activeMs = activeMsOf(known);
  return activeMs > nowMs - activeSpanMs || (index.heads.get(known.row.id)?.recentMs ?? 0) > activeMs;
}

function activeMsOf({ row, conversation }: TrackedSession): number {
  return Math.max(row.updatedAtMs ?? 0, conversation.facts.activeAtMs ?? 0);
}

/** The input of `readOne`, which adds the id to `wanted.fresh` and, if a row is damaged, to `wanted.damaged`. */
interface OneRead {
  readonly look: Look;
  readonly index: SessionIndex;
  readonly id: string;
  readonly known: TrackedSession | undefined;
  readonly need: TrackedChange;
  readonly wanted: { readonly fresh: Set<string>; readonly damaged: Set<string> };
}

/** Reads one session; undefined if it is gone. If a row is damaged, returns the session as known before. */
function readOne({ look, index, id, known, need, wanted }: OneRead): TrackedSession | undefined {
  const { view, schemaVersion } = look;
  const read = () => {
    const table = index.heads.get(id)?.table ?? tablesOf(view, schemaVersion, id)?.table;
    // A deleted parent is requested in every look, and must not use up the one session that a late look reads.
    if (table === undefined && known === undefined) return undefined;
    wanted.fresh.add(id);
    return table === undefined
      ? undefined
      : readTracked({ view, schemaVersion, table, id, before: known, change: need });
  };
  return unlessDamaged(read, () => {
    wanted.damaged.add(id);
    return known;
  });
}

/** True if an active session's row may have changed in overflow pages only, without a write to its leaf page. */
function overflowMayHaveChanged(
  { changed, nowMs }: Look,
  known: TrackedSession,
  messagesChanged: boolean,
): boolean {
  if (changed === 'all' || !changed.overflowWritten || !known.row.overflows) return false;
  const lastMs = Math.max(activeMsOf(known), known.touchedAtMs ?? 0);
  return messagesChanged || lastMs > nowMs - activeSpanMs;
}
