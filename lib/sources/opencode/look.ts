import type { SessionRequest } from '../../domain/board/readings.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { type ChangedSessions, touchesMessages } from './changed-sessions.ts';
import type { SchemaVersion } from './schema-version.ts';
import type { SessionIndex } from './session-index.ts';
import { rowsOf, sessionTables } from './session-tables.ts';
import type { TrackedSession } from './tracked-session.ts';

/** The time limits of one refresh, in milliseconds since it began. Changed sessions are read in any case. */
export interface Budget {
  /** The time since the refresh began. */
  readonly elapsedMs: () => number;
  /** Until then the refresh reads sessions that are newly wanted or stale. */
  readonly sessionsMs: number;
  /** The number of them that are read even if it is late. */
  readonly minSessions: number;
  /** Until then the passes over all sessions continue, the index's for the first half. Each takes at least one step. */
  readonly passesMs: number;
}

/** One look (poll) of one database: its snapshot, the changes since the last look, and the request. */
export interface Look {
  readonly view: SnapshotView;
  readonly schemaVersion: SchemaVersion;
  readonly changed: ChangedSessions;
  /** Sessions that may have lost messages, parts or todos without being among the changed ones. */
  readonly shrunk: ReadonlySet<string>;
  readonly request: SessionRequest;
  readonly nowMs: number;
  readonly budget: Budget;
}

/** Updates the index with the changed sessions. If all may have changed, as on the first look, restarts its passes. */
export function followChanges(
  look: Look,
  index: SessionIndex,
  tracked: ReadonlyMap<string, TrackedSession>,
): void {
  const { view, schemaVersion, changed, nowMs, budget } = look;
  if (changed === 'all') {
    if (isReplaced(look, index)) for (const id of index.heads.ids()) index.heads.remove(id);
    index.restart(view, schemaVersion);
  } else {
    for (const [id, change] of changed.sessions)
      if (change.row) index.follow(view, schemaVersion, id, change);
  }
  const wasPending = index.pending;
  const until = budget.passesMs / 2;
  do index.step(view, nowMs);
  while (index.pending && budget.elapsedMs() < until);
  if (index.isFirstPass) {
    for (const id of index.orIfDamaged(() => goneOf(look, [...tracked.keys()]), [])) index.heads.remove(id);
  } else if ((wasPending && !index.pending) || changed === 'all' || changed.maybeDeleted) {
    removeDeleted(look, index);
  }
  if (changed === 'all') return;
  for (const [id, change] of changed.sessions) {
    if (!change.row && touchesMessages(change)) index.follow(view, schemaVersion, id, change);
  }
  for (const id of look.shrunk) index.lookUpTime(view, schemaVersion, id);
}

/** Removes deleted sessions from a complete index. Compares all ids only if the number of sessions differs. */
function removeDeleted(look: Look, index: SessionIndex): void {
  const all = sessionTables(look.schemaVersion)
    .map((table) => `select id from ${rowsOf(look.schemaVersion, table)}`)
    .join(' union ');
  const [count] = index.orIfDamaged(() => look.view.select(`select count(*) as n from (${all})`), []);
  if (count === undefined || count.n === index.heads.size) return;
  const existing = new Set(index.orIfDamaged(() => look.view.select(all), []).map((row) => row.id));
  if (existing.size !== count.n) return;
  for (const id of index.heads.ids()) if (!existing.has(id)) index.heads.remove(id);
}

/** True if the database was replaced under the same path: none of up to 50 known sessions is left. */
function isReplaced(look: Look, index: SessionIndex): boolean {
  const some = index.heads.ids().slice(0, 50);
  return some.length > 0 && index.orIfDamaged(() => goneOf(look, some), []).length === some.length;
}

/** The sessions among `ids` that no longer exist; none if there was no commit. */
function goneOf({ view, schemaVersion, changed }: Look, ids: readonly string[]): string[] {
  if (ids.length === 0 || (changed !== 'all' && !changed.anyCommit)) return [];
  const selects = sessionTables(schemaVersion).map(
    (table) => `select id from ${rowsOf(schemaVersion, table)} where id in (select value from json_each(?1))`,
  );
  const rows = view.select(selects.join(' union all '), [JSON.stringify(ids)]);
  const existing = new Set(rows.map((row) => row.id));
  return ids.filter((id) => !existing.has(id));
}
