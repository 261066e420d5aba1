import {
  isInterior,
  type LeafColumn,
  leadingColumns,
  leafKind,
  type PageCell,
  pageCells,
  uint32,
} from '../sqlite/record.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import {
  emptyPage,
  fingerprintOf,
  type PageFingerprints,
  RowFingerprints,
  type RowOwner,
} from './row-fingerprints.ts';

/** What of a session commits may have written. */
export interface SessionChange {
  /** Its own row. */
  readonly row: boolean;
  readonly todos: boolean;
  /** Written rows of its messages, and of what else may count as one: their ids, and when they were created, if they say. */
  readonly messages: ReadonlyMap<string, number | undefined>;
  /** The ids of written parts, and whose messages' they are. */
  readonly parts: ReadonlyMap<string, string>;
  /** Messages, parts or todos have gone, or may have; else nothing but what is named here changed. */
  readonly lost: boolean;
}

/** True where its messages themselves may be others than before, not only their parts. */
export function touchesMessages({ messages, lost }: SessionChange): boolean {
  return lost || messages.size > 0;
}

/** What the commits since the last look may have written; 'all' where that cannot be told. */
export type ChangedSessions =
  | 'all'
  | {
      readonly sessions: ReadonlyMap<string, SessionChange>;
      /**
       * Pages other than those of b-trees were written. SQLite overwrites a row of the same length in place, and where
       * only columns behind a large `summary_diffs` changed, the leaf page of `session` is not written at all.
       */
      readonly overflowWritten: boolean;
      /** Sessions on index pages that were not seen before: rows of theirs may have gone, nothing else tells of a change. */
      readonly listed: ReadonlySet<string>;
      /** What lies on those pages: rows that were deleted may have had their last entries there. */
      readonly spans: readonly IndexSpan[];
      /** False where no commit came since the last look. */
      readonly anyCommit: boolean;
      /** A session's own row may have been deleted. */
      readonly maybeDeleted: boolean;
      /** What the written pages hold now: to be kept once this look counts. */
      readonly fingerprints: RowFingerprints;
    };

/** The first and the last session on an index page; of an empty page, neither. */
export interface IndexSpan {
  readonly first?: string;
  readonly last?: string;
}

/** https://sqlite.org/fileformat2.html section 1.3.12, "Free page list". */
const FREE_PAGES_OFFSET = 36;

/** Past this many pages or sessions, looking at all sessions again in slices is cheaper than at these in one go. */
const maxPages = 4000;
const maxSessions = 1000;

/** The session's id is among the first columns in every version: session and todo (1st), message (2nd), part (2nd or 3rd). */
const maxColumns = 3;

/**
 * Tells from the pages that commits wrote which sessions they touched, by the ids in the first columns of their cells: of
 * tables, by the rows that are not as `before` has seen them; of indexes, by the entries that were on written pages and are
 * on none now. On a page that was not seen before, all of it counts, of an index as `listed`: reading a few sessions too
 * many is cheap, missing one is not. Whose last entry may have gone from such a page, `maybeEmptied` tells.
 */
export function changedSessions(view: SnapshotView, before: RowFingerprints): ChangedSessions {
  const { changedPages } = view;
  if (changedPages === 'all' || changedPages.size > maxPages) return 'all';
  const sessions = new Map<string, Draft>();
  const listed = new Set<string>();
  const spans: IndexSpan[] = [];
  const after = new RowFingerprints();
  let isListWritten = false;
  let overflowWritten = false;
  let maybeDeleted = false;
  for (const number of changedPages) {
    const page = view.page(number);
    const kind = leafKind(page, number);
    overflowWritten ||= kind === undefined && !isInterior(page, number);
    const cells = pageCells(page, number);
    if (cells === undefined) return 'all';
    const isNew = number > (before.pageCount ?? number);
    const known = before.page(number) ?? (isNew ? emptyPage : undefined);
    if (kind === 'table') {
      after.setPage(number, { ...emptyPage, rows: rowsOn(sessions, page, cells, { before, after, known }) });
      continue;
    }
    const entries = entriesOn(page, cells, known);
    after.setPage(number, { ...emptyPage, entries });
    const isIndex = kind === 'index' || cells.length > 0;
    const isSessionList = isIndex && mayListSessions(page, cells, entries);
    isListWritten ||= isSessionList;
    if (known !== undefined) continue;
    for (const id of entries.values()) listed.add(id);
    if (isIndex) spans.push(...spanOf(page, cells));
    maybeDeleted ||= isSessionList;
  }
  // A leaf that lost its last row is freed without being written.
  const freePages = uint32(view.page(1), FREE_PAGES_OFFSET);
  const isFreed = freePages > (before.freePages ?? -1);
  for (const draft of isFreed ? sessions.values() : [])
    draft.lost ||= draft.parts.size + draft.messages.size > 0;
  const gone = goneSessions(before, after, changedPages, isFreed);
  for (const id of gone) draftOf(sessions, id).lost = true;
  maybeDeleted ||= isListWritten && gone.size > 0;
  if (sessions.size + listed.size > maxSessions) return 'all';
  after.setCounts(view.pageCount, freePages);
  return {
    sessions,
    overflowWritten,
    listed,
    spans,
    anyCommit: changedPages.size > 0,
    maybeDeleted,
    fingerprints: after,
  };
}

/** The sessions of rows and entries that were on written, or freed, pages, and are on no written page now. */
function goneSessions(
  before: RowFingerprints,
  after: RowFingerprints,
  changedPages: ReadonlySet<number>,
  isFreed: boolean,
): ReadonlySet<string> {
  const gone = new Set<string>();
  for (const number of [...changedPages, ...(isFreed ? abandonedPages(before, after) : [])]) {
    const { rows, entries } = before.page(number) ?? emptyPage;
    const now = after.page(number) ?? emptyPage;
    for (const { key, sessionId } of rows.values()) if (after.row(key) === undefined) gone.add(sessionId);
    for (const [fingerprint, sessionId] of entries)
      if (!now.entries.has(fingerprint) && !isAnywhere(after, fingerprint)) gone.add(sessionId);
  }
  return gone;
}

function isAnywhere(after: RowFingerprints, fingerprint: number): boolean {
  for (const { entries } of after.pages().values()) if (entries.has(fingerprint)) return true;
  return false;
}

/** Pages of which some is on written pages now: their neighbours took what was left on them, and they were freed unwritten. */
function abandonedPages(before: RowFingerprints, after: RowFingerprints): number[] {
  const writtenNow = new Set([...after.pages().values()].flatMap(({ entries }) => [...entries.keys()]));
  return [...before.pages()].flatMap(([number, { rows, entries }]) => {
    const isLeft =
      [...rows.values()].some(({ key }) => after.row(key) !== undefined) ||
      [...entries.keys()].some((fingerprint) => writtenNow.has(fingerprint));
    return isLeft && after.page(number) === undefined ? [number] : [];
  });
}

/**
 * Which of these sessions may have lost their last entries on a page that was not seen before: those that sort between the
 * sessions that are still on it, and the next one on either side of it.
 */
export function maybeEmptied(spans: readonly IndexSpan[], ids: readonly string[]): ReadonlySet<string> {
  const emptied = new Set<string>();
  if (spans.length === 0) return emptied;
  const sorted = [...ids].sort();
  for (const { first = '', last = '\uffff' } of spans) {
    const below = sorted.findLast((id) => id < first);
    const above = sorted.find((id) => id > last);
    for (const id of sorted) if ((id > first && id < last) || id === below || id === above) emptied.add(id);
  }
  return emptied;
}

/** In the index of the sessions' own ids each is there once; in that of their parts or todos, hardly. */
function mayListSessions(
  page: Uint8Array,
  cells: readonly PageCell[],
  entries: PageFingerprints['entries'],
): boolean {
  const [first] = cells;
  if (first === undefined) return true;
  if (entries.size < cells.length || leadingColumns(page, first, maxColumns).length > 2) return false;
  return new Set(entries.values()).size === cells.length;
}

function spanOf(page: Uint8Array, cells: readonly PageCell[]): IndexSpan[] {
  const [first, last] = [cells[0], cells.at(-1)].map((cell) => cell && leadingColumns(page, cell, 1)[0]);
  if (cells.length === 0) return [{}];
  return isSession(first) && isSession(last) ? [{ first, last }] : [];
}

/** The prints of an index page's entries that are of sessions. One that was there before need not be decoded again. */
function entriesOn(
  page: Uint8Array,
  cells: readonly PageCell[],
  known: PageFingerprints | undefined,
): PageFingerprints['entries'] {
  const entries = new Map<number, string>();
  for (const cell of cells) {
    if (!mayBeOfSession(page, cell)) continue;
    const fingerprint = fingerprintOf(page, cell.from, cell.to);
    const id = known?.entries.get(fingerprint) ?? leadingColumns(page, cell, 1)[0];
    if (isSession(id)) entries.set(fingerprint, id);
  }
  return entries;
}

/** By the first bytes of its first column: most entries are of messages and parts. */
function mayBeOfSession(page: Uint8Array, { header }: PageCell): boolean {
  const headerSize = page[header] ?? 0;
  const value = header + headerSize;
  // A header of more than 127 bytes says its size in two.
  return headerSize > 127 || (page[value] === 0x73 && page[value + 1] === 0x65 && page[value + 2] === 0x73);
}

/** A change while it is gathered. */
interface Draft {
  row: boolean;
  todos: boolean;
  readonly messages: Map<string, number | undefined>;
  readonly parts: Map<string, string>;
  lost: boolean;
}

/** What is known of a table's page. */
interface KnownOfPage {
  readonly before: RowFingerprints;
  readonly after: RowFingerprints;
  /** Absent where it was not seen: a row may have come in the place, and by the number, of another. */
  readonly known: PageFingerprints | undefined;
}

/** The rows of session, todo, message, part or session_message; rows of `event` repeat what those say. */
function rowsOn(
  sessions: Map<string, Draft>,
  page: Uint8Array,
  cells: readonly PageCell[],
  { before, after, known }: KnownOfPage,
): PageFingerprints['rows'] {
  const rows = new Map<number, RowOwner>();
  for (const cell of cells) {
    const fingerprint = fingerprintOf(page, cell.from, cell.to);
    const same = known?.rows.get(fingerprint);
    const note = same === undefined ? noteOf(leadingColumns(page, cell, maxColumns)) : undefined;
    const row = same ?? note;
    if (row === undefined) continue;
    rows.set(fingerprint, { key: row.key, sessionId: row.sessionId });
    after.setRow(row.key, fingerprint);
    if (note !== undefined && before.row(note.key) !== fingerprint)
      noteRow(sessions, note, known !== undefined);
  }
  return rows;
}

function noteRow(sessions: Map<string, Draft>, note: Note, isKnownPage: boolean): void {
  const draft = draftOf(sessions, note.sessionId);
  draft.lost ||= !isKnownPage && (note.facet === 'part' || note.facet === 'message');
  if (note.facet === 'part') draft.parts.set(note.key, note.messageId);
  else if (note.facet === 'message') draft.messages.set(note.key, note.createdAtMs);
  else draft[note.facet] = true;
}

/** Which session a row is of, what of it, and the row's own id. */
type Note = RowOwner &
  (
    | { readonly facet: 'row' | 'todos' }
    | { readonly facet: 'message'; readonly createdAtMs: number | undefined }
    | { readonly facet: 'part'; readonly messageId: string }
  );

const todoStatuses: ReadonlySet<LeafColumn> = new Set(['pending', 'in_progress', 'completed', 'cancelled']);

function noteOf([first, second, third]: readonly LeafColumn[]): Note | undefined {
  if (typeof first !== 'string' || first.startsWith('evt_')) return undefined;
  if (isSession(first)) {
    // event_sequence is (session, number) and says nothing of its own either.
    if (typeof second === 'number') return undefined;
    const isTodo = todoStatuses.has(third);
    return { sessionId: first, facet: isTodo ? 'todos' : 'row', key: isTodo ? `todos ${first}` : first };
  }
  if (isSession(second)) return noteOfContent(second, third, first);
  return isSession(third) ? noteOfContent(third, second, first) : undefined;
}

/** A part names its message beside its session, and a message its time. */
function noteOfContent(sessionId: string, other: LeafColumn, key: string): Note {
  if (typeof other === 'string' && other.startsWith('msg_'))
    return { sessionId, key, facet: 'part', messageId: other };
  const isTimed = typeof other === 'number' && key.startsWith('msg_');
  return { sessionId, key, facet: 'message', createdAtMs: isTimed ? other : undefined };
}

function isSession(column: LeafColumn): column is string {
  return typeof column === 'string' && column.startsWith('ses_');
}

function draftOf(sessions: Map<string, Draft>, sessionId: string): Draft {
  const known = sessions.get(sessionId);
  if (known !== undefined) return known;
  const fresh = {
    row: false,
    todos: false,
    messages: new Map<string, number | undefined>(),
    parts: new Map<string, string>(),
    lost: false,
  };
  sessions.set(sessionId, fresh);
  return fresh;
}
