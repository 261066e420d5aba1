import { asSessionId, asText, asTime } from '../json.ts';
import { unlessDamaged } from '../sqlite/problem.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import type { SqlRow } from '../sqlite/sql-engine.ts';
import type { SessionChange } from './changed-sessions.ts';
import type { SchemaVersion } from './schema-version.ts';
import { type SessionHead, SessionHeads } from './session-heads.ts';
import { type SessionTable, tablesOf } from './session-row.ts';

/** Sessions looked at in one step of the pass over all of them, and messages in one step back in time: 1 ms cold. */
const headsPerStep = 100;
const messagesPerStep = 100;
/** How far back the times of messages are walked at all. */
const recentSpanMs = 7 * 24 * 3600 * 1000;

interface Progress {
  readonly schemaVersion: SchemaVersion;
  /** Rowid before which messages are still to be walked, by table; 0: done. */
  readonly messagesBefore: Readonly<Record<SessionTable, number>>;
  /** Id after which heads are still to be read, by table; absent: done. */
  readonly headsAfter: Readonly<Record<SessionTable, string | undefined>>;
}

interface InDirectory {
  readonly revision: number;
  readonly max: number;
  readonly ids: readonly string[];
}

/**
 * Which sessions there are, where, whose subagents, and how recent: filled newest first, in steps, from the columns
 * before `summary_diffs` and from indexes, so that no overflow page is read; then kept by what changes.
 */
export class SessionIndex {
  /** What is known so far. */
  readonly heads = new SessionHeads();
  #progress: Progress | undefined;
  #draftProgress: Progress | undefined;
  #wasDone = false;
  /** What `inDirectory` gave last, while nothing there changes: a directory may have thousands of sessions. */
  readonly #inDirectories = new Map<string, InDirectory>();
  #isDamaged = false;
  #draftIsDamaged = false;

  /** True where damaged pages kept it from finding everything. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** True until every session's head is known and messages were walked back for seven days. */
  get pending(): boolean {
    return !isDone(this.#draftProgress ?? this.#progress);
  }

  /** True until that happened for the first time: what the pass has not come to is not known at all. */
  get isFirstPass(): boolean {
    return this.pending && !this.#wasDone;
  }

  /** Starts the passes, or starts them anew: after a first look nothing is forgotten by that, only looked at again. */
  restart(view: SnapshotView, schemaVersion: SchemaVersion): void {
    this.#draftIsDamaged = false;
    const tables = tablesOf(schemaVersion);
    const first = (table: SessionTable) => (tables.includes(table) ? '' : undefined);
    const last = (table: SessionTable) =>
      tables.includes(table) ? this.orIfDamaged(() => newestRowid(view, table) + 1, 0) : 0;
    this.#draftProgress = {
      schemaVersion,
      messagesBefore: { session: last('session'), session_v2: last('session_v2') },
      headsAfter: { session: first('session'), session_v2: first('session_v2') },
    };
  }

  /** One step of the passes: first back through the newest messages, then through the heads, newest first. */
  step(view: SnapshotView, nowMs: number): void {
    const progress = this.#draftProgress ?? this.#progress;
    if (progress === undefined) return;
    const tables = tablesOf(progress.schemaVersion);
    const messages = tables.find((table) => progress.messagesBefore[table] > 0);
    const heads = tables.find((table) => progress.headsAfter[table] !== undefined);
    if (messages !== undefined) this.#stepMessages(view, progress, messages, nowMs);
    else if (heads !== undefined) this.#stepHeads(view, progress, heads);
  }

  /** Brings a session's head up to what commits wrote of it. */
  follow(view: SnapshotView, schemaVersion: SchemaVersion, id: string, change: SessionChange): void {
    const head = this.heads.get(id);
    const recentMs = head?.table === 'session' ? recentAfter(head, change) : undefined;
    if (change.row || head === undefined) this.refreshHead(view, schemaVersion, id, recentMs);
    else if (recentMs === undefined) this.lookUpTime(view, id);
    else if (recentMs !== head.recentMs) this.heads.set(id, { ...head, recentMs });
  }

  /** Looks up when a known session's newest message was created. */
  lookUpTime(view: SnapshotView, id: string): void {
    const head = this.heads.get(id);
    if (head !== undefined)
      this.heads.set(id, { ...head, recentMs: this.#newestMessageMs(view, head.table, id) });
  }

  /**
   * Reads one session's head again: it was written, or someone names it. `recentMs` spares looking up when the newest message
   * of one in the same table as before was created. Gives `undefined` where there is none.
   */
  refreshHead(
    view: SnapshotView,
    schemaVersion: SchemaVersion,
    id: string,
    recentMs?: number,
  ): SessionHead | undefined {
    const tableBefore = this.heads.get(id)?.table;
    for (const table of asSessionId(id) === undefined ? [] : tablesOf(schemaVersion)) {
      const read = () => view.select(`select directory, parent_id from ${table} where id = ?`, [id]);
      const [row] = this.orIfDamaged(read, []);
      if (row === undefined) continue;
      const known = tableBefore === table ? recentMs : undefined;
      const head = headOf(table, row, known ?? this.#newestMessageMs(view, table, id));
      this.heads.set(id, head);
      return head;
    }
    this.heads.remove(id);
    return undefined;
  }

  /**
   * The sessions of a directory that are no subagents, most recently active first. Once it is late, how recent they are is
   * looked up for one of them only: those that follow are `partial`, and right after some more looks.
   */
  inDirectory(
    view: SnapshotView,
    directory: string,
    max: number,
    isLate: () => boolean,
  ): { readonly ids: readonly string[]; readonly partial: boolean } {
    const before = this.#inDirectories.get(directory);
    if (before?.revision === this.heads.revisionOf(directory) && before.max === max)
      return { ids: before.ids, partial: false };
    const roots = this.heads
      .inDirectory(directory)
      .filter((id) => this.heads.get(id)?.parentId === undefined);
    const timed = roots.filter((id) => this.heads.get(id)?.recentMs !== undefined);
    // Without a time they are older than the walk went; ids of sessions sort newest first.
    const missing =
      timed.length >= max ? [] : roots.filter((id) => this.heads.get(id)?.recentMs === undefined);
    const lookedFor = missing.sort().slice(0, max * 2);
    let found = 0;
    while (found < lookedFor.length && (found === 0 || !isLate())) {
      this.lookUpTime(view, lookedFor[found] ?? '');
      found += 1;
    }
    const ids = this.#newestFirst([...timed, ...missing]).slice(0, max);
    const partial = found < lookedFor.length;
    if (partial) this.#inDirectories.delete(directory);
    else this.#inDirectories.set(directory, { revision: this.heads.revisionOf(directory), max, ids });
    return { ids, partial };
  }

  /** Sessions with a message since `sinceMs`, most recent first. */
  recent(sinceMs: number, max: number): string[] {
    return this.#newestFirst(this.heads.since(sinceMs)).slice(0, max);
  }

  /** A session's subagents, newest first. */
  childrenOf(parentId: string, max: number): string[] {
    return this.heads.withParent(parentId).sort().slice(0, max);
  }

  /** What `read` gives; `instead` where it meets a damaged page, which is remembered. */
  orIfDamaged<T>(read: () => T, fallback: T): T {
    return unlessDamaged(read, () => {
      this.#draftIsDamaged = true;
      return fallback;
    });
  }

  /** Makes what this look found part of the index. */
  commit(): void {
    this.heads.commit();
    this.#isDamaged = this.#draftIsDamaged;
    this.#progress = this.#draftProgress ?? this.#progress;
    this.#draftProgress = undefined;
    this.#wasDone ||= isDone(this.#progress);
  }

  /** Forgets what a thrown-away look found. */
  rollback(): void {
    this.heads.rollback();
    this.#draftIsDamaged = this.#isDamaged;
    this.#draftProgress = undefined;
  }

  #stepMessages(view: SnapshotView, progress: Progress, table: SessionTable, nowMs: number): void {
    const before = progress.messagesBefore[table];
    const columns = `select rowid as place, session_id, time_created from ${messagesOf[table]}`;
    const read = () =>
      view.select(`${columns} where rowid < ? order by rowid desc limit ?`, [before, messagesPerStep]);
    const rows = this.orIfDamaged<readonly SqlRow[] | undefined>(read, undefined);
    let next = Math.max(0, before - messagesPerStep);
    if (rows !== undefined) {
      const newest = this.#noteMessages(view, progress.schemaVersion, rows);
      const isOver = rows.length < messagesPerStep || newest < nowMs - recentSpanMs;
      next = isOver ? 0 : Number(rows.at(-1)?.place ?? 0);
    }
    // Around a damaged page, row by row.
    for (let place = before - 1; rows === undefined && place >= next && place > 0; place -= 1) {
      const [row] = this.orIfDamaged(() => view.select(`${columns} where rowid = ?`, [place]), []);
      if (row !== undefined) this.#noteMessages(view, progress.schemaVersion, [row]);
    }
    this.#draftProgress = { ...progress, messagesBefore: { ...progress.messagesBefore, [table]: next } };
  }

  /** Takes in the times of some messages; gives the newest of them. */
  #noteMessages(view: SnapshotView, schemaVersion: SchemaVersion, rows: readonly SqlRow[]): number {
    let newest = 0;
    for (const row of rows) {
      const id = asText(row.session_id);
      const atMs = asTime(row.time_created) ?? 0;
      newest = Math.max(newest, atMs);
      if (id !== undefined) this.#noteMessage(view, schemaVersion, id, atMs);
    }
    return newest;
  }

  #noteMessage(view: SnapshotView, schemaVersion: SchemaVersion, id: string, atMs: number): void {
    const head = this.heads.get(id) ?? this.refreshHead(view, schemaVersion, id);
    if (head !== undefined && (head.recentMs ?? 0) < atMs) this.heads.set(id, { ...head, recentMs: atMs });
  }

  #stepHeads(view: SnapshotView, progress: Progress, table: SessionTable): void {
    const from = [progress.headsAfter[table] ?? '', headsPerStep];
    const whole = () =>
      view.select(`select id, directory, parent_id from ${table} where id > ? order by id limit ?`, from);
    // Of a damaged page the ids are in the index still: its sessions are asked for one by one.
    const ids = () => view.select(`select id from ${table} where id > ? order by id limit ?`, from);
    const found = this.orIfDamaged<readonly SqlRow[] | undefined>(whole, undefined);
    const rows = found ?? this.orIfDamaged(ids, []);
    for (const row of rows) {
      const id = asSessionId(row.id);
      if (id === undefined) continue;
      const known = this.heads.get(id);
      if (known?.table === 'session_v2' && table === 'session') continue;
      if (found === undefined) this.refreshHead(view, progress.schemaVersion, id);
      else this.heads.set(id, headOf(table, row, known?.recentMs));
    }
    const after = rows.length < headsPerStep ? undefined : String(rows.at(-1)?.id);
    this.#draftProgress = { ...progress, headsAfter: { ...progress.headsAfter, [table]: after } };
  }

  /** One look into the index by (session_id, time_created, id); a session without messages counts as of time 0. */
  #newestMessageMs(view: SnapshotView, table: SessionTable, id: string): number {
    const read = () =>
      view.select(`select max(time_created) as at from ${messagesOf[table]} where session_id = ?`, [id]);
    return asTime(this.orIfDamaged(read, [])[0]?.at) ?? 0;
  }

  #newestFirst(ids: readonly string[]): string[] {
    const time = (id: string) => this.heads.get(id)?.recentMs ?? 0;
    return [...ids].sort((one, two) => time(two) - time(one) || (one < two ? -1 : 1));
  }
}

const messagesOf: Readonly<Record<SessionTable, string>> = {
  session: 'message',
  session_v2: 'session_message',
};

/** When a session's newest message was created, where that is known and the written ones say; else `undefined`. */
function recentAfter({ recentMs }: SessionHead, { messages, lost }: SessionChange): number | undefined {
  if (lost || recentMs === undefined) return undefined;
  let newestMs = recentMs;
  for (const writtenMs of messages.values()) {
    const atMs = asTime(writtenMs);
    if (atMs === undefined) return undefined;
    newestMs = Math.max(newestMs, atMs);
  }
  return newestMs;
}

function isDone(progress: Progress | undefined): boolean {
  if (progress === undefined) return false;
  const { messagesBefore, headsAfter } = progress;
  const messages = messagesBefore.session === 0 && messagesBefore.session_v2 === 0;
  return messages && headsAfter.session === undefined && headsAfter.session_v2 === undefined;
}

function newestRowid(view: SnapshotView, table: SessionTable): number {
  return Number(view.select(`select max(rowid) as place from ${messagesOf[table]}`)[0]?.place ?? 0);
}

function headOf(
  table: SessionTable,
  row: Readonly<Record<string, unknown>>,
  recentMs: number | undefined,
): SessionHead {
  return { table, directory: asText(row.directory), parentId: asSessionId(row.parent_id), recentMs };
}
