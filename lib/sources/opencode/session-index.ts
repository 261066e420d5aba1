import { asSessionId, asText, asTime } from '../json.ts';
import { unlessDamaged } from '../sqlite/problem.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import type { SqlRow } from '../sqlite/sql-engine.ts';
import type { SessionChange } from './changed-sessions.ts';
import type { SchemaVersion } from './schema-version.ts';
import { type SessionHead, SessionHeads } from './session-heads.ts';
import {
  type MessageTable,
  messageTables,
  messageTablesFor,
  rowsOf,
  type SessionTable,
  sessionTables,
} from './session-tables.ts';

/** The heads, and the messages, read in one step of a pass: 1 ms with a cold cache. */
const headsPerStep = 100;
const messagesPerStep = 100;
/** The pass over messages stops at messages older than this. */
const recentSpanMs = 7 * 24 * 3600 * 1000;

interface Progress {
  readonly schemaVersion: SchemaVersion;
  /** Messages with a smaller rowid are still to be read, by table; 0 if done. */
  readonly messagesBefore: Readonly<Record<MessageTable, number>>;
  /** Heads with a greater id are still to be read, by table; undefined if done. */
  readonly headsAfter: Readonly<Record<SessionTable, string | undefined>>;
}

/** A cached result of `inDirectory`. */
interface InDirectory {
  readonly revision: number;
  readonly max: number;
  readonly ids: readonly string[];
}

/**
 * An index of all sessions by directory, parent and time of the newest message. Passes fill it newest first, in steps,
 * from indexes and the columns before `summary_diffs`, so that no overflow page is read; then changes update it.
 */
export class SessionIndex {
  /** The sessions known so far. */
  readonly heads = new SessionHeads();
  #progress: Progress | undefined;
  #draftProgress: Progress | undefined;
  #wasDone = false;
  /** The cache of `inDirectory`, since a directory may have thousands of sessions. */
  readonly #inDirectories = new Map<string, InDirectory>();
  #isDamaged = false;
  #draftIsDamaged = false;

  /** True if damaged pages hide sessions from the index. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** True until the passes have read all heads and the messages of seven days. */
  get pending(): boolean {
    return !isDone(this.#draftProgress ?? this.#progress);
  }

  /** True until the passes end for the first time; until then the index lacks sessions. */
  get isFirstPass(): boolean {
    return this.pending && !this.#wasDone;
  }

  /** Starts the passes, or restarts them. Known heads stay and are read again. */
  restart(view: SnapshotView, schemaVersion: SchemaVersion): void {
    this.#draftIsDamaged = false;
    const tables = sessionTables(schemaVersion);
    const first = (table: SessionTable) => (tables.includes(table) ? '' : undefined);
    const last = (table: MessageTable) =>
      messageTables(schemaVersion).includes(table)
        ? this.orIfDamaged(() => newestRowid(view, table) + 1, 0)
        : 0;
    this.#draftProgress = {
      schemaVersion,
      messagesBefore: { session_message: last('session_message'), message: last('message') },
      headsAfter: { session: first('session'), session_v2: first('session_v2') },
    };
  }

  /**
   * Takes one step of the passes: first through the messages, newest first, then through the heads. Does nothing if
   * done.
   */
  step(view: SnapshotView, nowMs: number): void {
    const progress = this.#draftProgress ?? this.#progress;
    if (progress === undefined) return;
    const { schemaVersion } = progress;
    const messages = messageTables(schemaVersion).find((table) => progress.messagesBefore[table] > 0);
    const heads = sessionTables(schemaVersion).find((table) => progress.headsAfter[table] !== undefined);
    if (messages !== undefined) this.#stepMessages(view, progress, messages, nowMs);
    else if (heads !== undefined) this.#stepHeads(view, progress, heads);
  }

  /** Updates a session's head after commits wrote the session. */
  follow(view: SnapshotView, schemaVersion: SchemaVersion, id: string, change: SessionChange): void {
    const head = this.heads.get(id);
    const recentMs = head === undefined ? undefined : recentAfter(head, change);
    if (change.row || head === undefined) this.refreshHead(view, schemaVersion, id, recentMs);
    else if (recentMs === undefined) this.lookUpTime(view, schemaVersion, id);
    else if (recentMs !== head.recentMs) this.heads.set(id, { ...head, recentMs });
  }

  /** Looks up the time of a session's newest message. Does nothing for an unknown session. */
  lookUpTime(view: SnapshotView, schemaVersion: SchemaVersion, id: string): void {
    const head = this.heads.get(id);
    if (head !== undefined)
      this.heads.set(id, { ...head, recentMs: this.#newestMessageMs(view, schemaVersion, head.table, id) });
  }

  /**
   * Reads one session's head and stores it. `recentMs`, the time of its newest message, saves a query if the session is
   * still in the same table. Returns undefined, and removes the head, if there is no such session.
   */
  refreshHead(
    view: SnapshotView,
    schemaVersion: SchemaVersion,
    id: string,
    recentMs?: number,
  ): SessionHead | undefined {
    const tableBefore = this.heads.get(id)?.table;
    for (const table of asSessionId(id) === undefined ? [] : sessionTables(schemaVersion)) {
      const read = () =>
        view.select(`select directory, parent_id from ${rowsOf(schemaVersion, table)} where id = ?`, [id]);
      const [row] = this.orIfDamaged(read, []);
      if (row === undefined) continue;
      const known = tableBefore === table ? recentMs : undefined;
      const head = headOf(table, row, known ?? this.#newestMessageMs(view, schemaVersion, table, id));
      this.heads.set(id, head);
      return head;
    }
    this.heads.remove(id);
    return undefined;
  }

  /**
   * Up to `max` sessions of a directory, subagents excluded, most recently active first. Looks up missing times until
   * `isLate`, at least one; `partial` is true if times are still missing, so that the order may be wrong until later
   * looks.
   */
  inDirectory(
    { view, schemaVersion }: { readonly view: SnapshotView; readonly schemaVersion: SchemaVersion },
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
    // Sessions without a time are older than the pass over messages went. Session ids sort newest first.
    const missing =
      timed.length >= max ? [] : roots.filter((id) => this.heads.get(id)?.recentMs === undefined);
    const candidates = missing.sort().slice(0, max * 2);
    let found = 0;
    while (found < candidates.length && (found === 0 || !isLate())) {
      this.lookUpTime(view, schemaVersion, candidates[found] ?? '');
      found += 1;
    }
    const ids = this.#newestFirst([...timed, ...missing]).slice(0, max);
    const partial = found < candidates.length;
    if (partial) this.#inDirectories.delete(directory);
    else this.#inDirectories.set(directory, { revision: this.heads.revisionOf(directory), max, ids });
    return { ids, partial };
  }

  /** Up to `max` sessions with a message since `sinceMs` (epoch ms), most recent first. */
  recent(sinceMs: number, max: number): string[] {
    return this.#newestFirst(this.heads.since(sinceMs)).slice(0, max);
  }

  /** Up to `max` subagents of a session, newest first. */
  childrenOf(parentId: string, max: number): string[] {
    return this.heads.withParent(parentId).sort().slice(0, max);
  }

  /**
   * Returns the result of `read`. If `read` meets a damaged page, returns `fallback` and sets `isDamaged` at `commit`.
   */
  orIfDamaged<T>(read: () => T, fallback: T): T {
    return unlessDamaged(read, () => {
      this.#draftIsDamaged = true;
      return fallback;
    });
  }

  /** Makes the changes of this look part of the index. */
  commit(): void {
    this.heads.commit();
    this.#isDamaged = this.#draftIsDamaged;
    this.#progress = this.#draftProgress ?? this.#progress;
    this.#draftProgress = undefined;
    this.#wasDone ||= isDone(this.#progress);
  }

  /** Drops the changes of a rejected look. */
  rollback(): void {
    this.heads.rollback();
    this.#draftIsDamaged = this.#isDamaged;
    this.#draftProgress = undefined;
  }

  #stepMessages(view: SnapshotView, progress: Progress, table: MessageTable, nowMs: number): void {
    const before = progress.messagesBefore[table];
    const columns = `select rowid as place, session_id, time_created from ${table}`;
    const read = () =>
      view.select(`${columns} where rowid < ? order by rowid desc limit ?`, [before, messagesPerStep]);
    const rows = this.orIfDamaged<readonly SqlRow[] | undefined>(read, undefined);
    let next = Math.max(0, before - messagesPerStep);
    if (rows !== undefined) {
      const newest = this.#storeMessageTimes(view, progress.schemaVersion, rows);
      const isOver = rows.length < messagesPerStep || newest < nowMs - recentSpanMs;
      next = isOver ? 0 : Number(rows.at(-1)?.place ?? 0);
    }
    // A page is damaged: read the rows one by one and skip the damaged ones.
    for (let place = before - 1; rows === undefined && place >= next && place > 0; place -= 1) {
      const [row] = this.orIfDamaged(() => view.select(`${columns} where rowid = ?`, [place]), []);
      if (row !== undefined) this.#storeMessageTimes(view, progress.schemaVersion, [row]);
    }
    this.#draftProgress = { ...progress, messagesBefore: { ...progress.messagesBefore, [table]: next } };
  }

  /** Stores the times of some messages. Returns the newest of them in epoch ms, 0 if none has one. */
  #storeMessageTimes(view: SnapshotView, schemaVersion: SchemaVersion, rows: readonly SqlRow[]): number {
    let newest = 0;
    for (const row of rows) {
      const id = asText(row.session_id);
      const atMs = asTime(row.time_created) ?? 0;
      newest = Math.max(newest, atMs);
      if (id !== undefined) this.#storeMessageTime(view, schemaVersion, id, atMs);
    }
    return newest;
  }

  #storeMessageTime(view: SnapshotView, schemaVersion: SchemaVersion, id: string, atMs: number): void {
    const head = this.heads.get(id) ?? this.refreshHead(view, schemaVersion, id);
    if (head !== undefined && (head.recentMs ?? 0) < atMs) this.heads.set(id, { ...head, recentMs: atMs });
  }

  #stepHeads(view: SnapshotView, progress: Progress, table: SessionTable): void {
    const from = [progress.headsAfter[table] ?? '', headsPerStep];
    const rowsIn = rowsOf(progress.schemaVersion, table);
    const whole = () =>
      view.select(`select id, directory, parent_id from ${rowsIn} where id > ? order by id limit ?`, from);
    // The index still has the ids of a damaged page; its sessions are read one by one.
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

  /** One look-up in the index on (session_id, time_created, id). Returns epoch ms, 0 for a session without messages. */
  #newestMessageMs(
    view: SnapshotView,
    schemaVersion: SchemaVersion,
    table: SessionTable,
    id: string,
  ): number {
    const times = messageTablesFor(schemaVersion, table).map((messages) => {
      const read = () =>
        view.select(`select max(time_created) as at from ${messages} where session_id = ?`, [id]);
      return asTime(this.orIfDamaged(read, [])[0]?.at) ?? 0;
    });
    return Math.max(...times);
  }

  #newestFirst(ids: readonly string[]): string[] {
    const time = (id: string) => this.heads.get(id)?.recentMs ?? 0;
    return [...ids].sort((one, two) => time(two) - time(one) || (one < two ? -1 : 1));
  }
}

/**
 * The time of a session's newest message after a change; undefined if it is not known from the head and the written
 * rows.
 */
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
  const messages = messagesBefore.message === 0 && messagesBefore.session_message === 0;
  return messages && headsAfter.session === undefined && headsAfter.session_v2 === undefined;
}

function newestRowid(view: SnapshotView, table: MessageTable): number {
  return Number(view.select(`select max(rowid) as place from ${table}`)[0]?.place ?? 0);
}

function headOf(
  table: SessionTable,
  row: Readonly<Record<string, unknown>>,
  recentMs: number | undefined,
): SessionHead {
  return { table, directory: asText(row.directory), parentId: asSessionId(row.parent_id), recentMs };
}
