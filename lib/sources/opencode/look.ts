import type { SessionRequest } from '../../domain/board/readings.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { type ChangedSessions, touchesMessages } from './changed-sessions.ts';
import type { SchemaVersion } from './schema-version.ts';
import type { SessionIndex } from './session-index.ts';
import { tablesOf } from './session-row.ts';
import type { TrackedSession } from './tracked-session.ts';

/** How long one refresh may take, beyond reading what changed: milliseconds since it began. */
export interface Budget {
  /** Time since the refresh began. */
  readonly elapsedMs: () => number;
  /** Until then sessions are read that are wanted for the first time, or may have changed without a sign. */
  readonly sessionsMs: number;
  /** So many of them are read however slow the machine is. */
  readonly minSessions: number;
  /** Until then the passes over all sessions go on, that of the index for half of it; a step of each is taken in any case. */
  readonly passesMs: number;
}

/** One look at one database: what is looked at, and what for. */
export interface Look {
  readonly view: SnapshotView;
  readonly schemaVersion: SchemaVersion;
  readonly changed: ChangedSessions;
  /** Sessions that may have lost messages, parts or todos without another sign of it. */
  readonly shrunk: ReadonlySet<string>;
  readonly request: SessionRequest;
  readonly nowMs: number;
  readonly budget: Budget;
}

/** Brings the index up to what the commits wrote; the first time, and when all may have changed, it starts its passes. */
export function followChanges(
  look: Look,
  index: SessionIndex,
  tracked: ReadonlyMap<string, TrackedSession>,
): void {
  const { view, schemaVersion, changed, nowMs, budget } = look;
  if (changed === 'all') {
    if (isAnother(look, index)) for (const id of index.heads.ids()) index.heads.remove(id);
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
  for (const id of look.shrunk) index.lookUpTime(view, id);
}

/** Where the index has known all sessions, their number tells whether any is gone: then all ids are compared. */
function removeDeleted(look: Look, index: SessionIndex): void {
  const all = tablesOf(look.schemaVersion)
    .map((table) => `select id from ${table}`)
    .join(' union ');
  const [count] = index.orIfDamaged(() => look.view.select(`select count(*) as n from (${all})`), []);
  if (count === undefined || count.n === index.heads.size) return;
  const there = new Set(index.orIfDamaged(() => look.view.select(all), []).map((row) => row.id));
  if (there.size !== count.n) return;
  for (const id of index.heads.ids()) if (!there.has(id)) index.heads.remove(id);
}

/** A database deleted and made anew under the same path has none of the sessions that the old one had. */
function isAnother(look: Look, index: SessionIndex): boolean {
  const some = index.heads.ids().slice(0, 50);
  return some.length > 0 && index.orIfDamaged(() => goneOf(look, some), []).length === some.length;
}

/** Which of these sessions are not there any more. */
function goneOf({ view, schemaVersion, changed }: Look, ids: readonly string[]): string[] {
  if (ids.length === 0 || (changed !== 'all' && !changed.anyCommit)) return [];
  const selects = tablesOf(schemaVersion).map(
    (table) => `select id from ${table} where id in (select value from json_each(?1))`,
  );
  const rows = view.select(selects.join(' union all '), [JSON.stringify(ids)]);
  const there = new Set(rows.map((row) => row.id));
  return ids.filter((id) => !there.has(id));
}
