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

/** The parts of a session that commits may have written. */
export interface SessionChange {
  /** The row of `session` or `session_v2`. */
  readonly row: boolean;
  readonly todos: boolean;
  /** Written message rows, and rows that look like messages: creation time by id, undefined if the row has none. */
  readonly messages: ReadonlyMap<string, number | undefined>;
  /** Written parts: message id by part id. */
  readonly parts: ReadonlyMap<string, string>;
  /**
   * True if messages, parts or todos were, or may have been, deleted. If false, the change is complete as listed here.
   */
  readonly lost: boolean;
}

/** True if messages were written or may be gone; false if only parts, todos or the session row changed. */
export function touchesMessages({ messages, lost }: SessionChange): boolean {
  return lost || messages.size > 0;
}

/** The sessions that the commits since the last look may have written; 'all' if the pages do not show it. */
export type ChangedSessions =
  | 'all'
  | {
      readonly sessions: ReadonlyMap<string, SessionChange>;
      /**
       * True if pages outside b-trees (overflow pages) were written. SQLite overwrites a row of the same length in
       * place: if only columns after a large `summary_diffs` change, it does not write the leaf page of `session`.
       */
      readonly overflowWritten: boolean;
      /** Sessions on index pages without earlier fingerprints: their rows may be gone, without another sign of it. */
      readonly listed: ReadonlySet<string>;
      /** The range of sessions on each of those pages: a deleted row may have had its last entry in that range. */
      readonly spans: readonly IndexSpan[];
      /** False if there was no commit since the last look. */
      readonly anyCommit: boolean;
      /** True if a row of `session` or `session_v2` may have been deleted. */
      readonly maybeDeleted: boolean;
      /** The fingerprints of the written pages, to be taken over when this look is accepted. */
      readonly fingerprints: RowFingerprints;
    };

/** The first and the last session id on an index page; both are absent if the page is empty. */
export interface IndexSpan {
  readonly first?: string;
  readonly last?: string;
}

/** https://sqlite.org/fileformat2.html section 1.3.12, "Free page list". */
const FREE_PAGES_OFFSET = 36;

/** Above these numbers of pages or sessions, reading all sessions again in slices is cheaper than these at once. */
const maxPages = 4000;
const maxSessions = 1000;

/** In every version the session id is in column 1 (session, todo), 2 (message) or 2 or 3 (part). */
const maxColumns = 3;

/**
 * Finds the sessions that commits touched, by the session ids in the first columns of the cells on written pages. On table
 * pages, rows whose fingerprint differs from `before` count; on index pages, entries that are gone from all written pages.
 * All cells of a page without earlier fingerprints count (of an index, as `listed`), since reading too many sessions is
 * cheap and missing one is an error. `maybeEmptied` finds sessions whose last entry may be gone from such a page.
 *
 * Without fingerprints, each session with its id on a written leaf page would count. This costs three working sessions that
 * write one after the other 0.6 points of a core (2.5 to 3.1 %), and 0.8 points if each has 200 turns.
 */
export function changedSessions(view: SnapshotView, before: RowFingerprints): ChangedSessions {
  const { changedPages } = view;
  if (changedPages === 'all' || changedPages.size > maxPages) return 'all';
  const sessions = new Map<string, ChangeDraft>();
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
      after.setPage(number, {
        ...emptyPage,
        rows: rowsOnPage(sessions, page, cells, { before, after, known }),
      });
      continue;
    }
    const entries = entriesOnPage(page, cells, known);
    after.setPage(number, { ...emptyPage, entries });
    const isIndex = kind === 'index' || cells.length > 0;
    const isSessionList = isIndex && mayListSessions(page, cells, entries);
    isListWritten ||= isSessionList;
    if (known !== undefined) continue;
    for (const id of entries.values()) listed.add(id);
    if (isIndex) spans.push(...spanOf(page, cells));
    maybeDeleted ||= isSessionList;
  }
  // SQLite frees a leaf that lost its last row without writing it.
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

/** The sessions of rows and entries that were on written or freed pages before, and are on no written page now. */
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
      if (!now.entries.has(fingerprint) && !isOnAnyPage(after, fingerprint)) gone.add(sessionId);
  }
  return gone;
}

function isOnAnyPage(after: RowFingerprints, fingerprint: number): boolean {
  for (const { entries } of after.pages().values()) if (entries.has(fingerprint)) return true;
  return false;
}

/**
 * Unwritten pages with cells that are now on written pages: SQLite moved the cells to neighbours and freed the page.
 */
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
 * The sessions among `ids` that may have lost their last entry on an index page without earlier fingerprints: ids
 * within the page's span, and the next id on either side of it.
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

/**
 * True if the page may belong to the index of session ids, which has each id once; an index of parts or todos rarely
 * has.
 */
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

/** The span of an index page; empty if its first column holds no session ids. */
function spanOf(page: Uint8Array, cells: readonly PageCell[]): IndexSpan[] {
  const [first, last] = [cells[0], cells.at(-1)].map((cell) => cell && leadingColumns(page, cell, 1)[0]);
  if (cells.length === 0) return [{}];
  return isSession(first) && isSession(last) ? [{ first, last }] : [];
}

/** The session ids of an index page's entries, by fingerprint. A known entry is not decoded again. */
function entriesOnPage(
  page: Uint8Array,
  cells: readonly PageCell[],
  known: PageFingerprints | undefined,
): PageFingerprints['entries'] {
  const entries = new Map<number, string>();
  for (const cell of cells) {
    if (!mayNameSession(page, cell)) continue;
    const fingerprint = fingerprintOf(page, cell.from, cell.to);
    const id = known?.entries.get(fingerprint) ?? leadingColumns(page, cell, 1)[0];
    if (isSession(id)) entries.set(fingerprint, id);
  }
  return entries;
}

/** True if the first column may start with `ses`. Skips decoding most entries, which are of messages and parts. */
function mayNameSession(page: Uint8Array, { header }: PageCell): boolean {
  const headerSize = page[header] ?? 0;
  const value = header + headerSize;
  // The size of a header of more than 127 bytes takes two bytes.
  return headerSize > 127 || (page[value] === 0x73 && page[value + 1] === 0x65 && page[value + 2] === 0x73);
}

/** A SessionChange under construction. */
interface ChangeDraft {
  row: boolean;
  todos: boolean;
  readonly messages: Map<string, number | undefined>;
  readonly parts: Map<string, string>;
  lost: boolean;
}

/** The fingerprints that a table page is compared with. */
interface KnownOfPage {
  readonly before: RowFingerprints;
  readonly after: RowFingerprints;
  /**
   * The page as of the last look; undefined if unknown, so that a row may have replaced another with the same rowid.
   */
  readonly known: PageFingerprints | undefined;
}

/**
 * The rows of session, todo, message, part or session_message. Rows of `event` are skipped, since they repeat those.
 */
function rowsOnPage(
  sessions: Map<string, ChangeDraft>,
  page: Uint8Array,
  cells: readonly PageCell[],
  { before, after, known }: KnownOfPage,
): PageFingerprints['rows'] {
  const rows = new Map<number, RowOwner>();
  for (const cell of cells) {
    const fingerprint = fingerprintOf(page, cell.from, cell.to);
    const same = known?.rows.get(fingerprint);
    const decoded = same === undefined ? decodeRow(leadingColumns(page, cell, maxColumns)) : undefined;
    const row = same ?? decoded;
    if (row === undefined) continue;
    rows.set(fingerprint, { key: row.key, sessionId: row.sessionId });
    after.setRow(row.key, fingerprint);
    if (decoded !== undefined && before.row(decoded.key) !== fingerprint)
      addRow(sessions, decoded, known !== undefined);
  }
  return rows;
}

/** Adds a written row to the change of its session. On an unknown page, messages or parts may be gone too. */
function addRow(sessions: Map<string, ChangeDraft>, decoded: DecodedRow, isKnownPage: boolean): void {
  const draft = draftOf(sessions, decoded.sessionId);
  draft.lost ||= !isKnownPage && (decoded.facet === 'part' || decoded.facet === 'message');
  if (decoded.facet === 'part') draft.parts.set(decoded.key, decoded.messageId);
  else if (decoded.facet === 'message') draft.messages.set(decoded.key, decoded.createdAtMs);
  else draft[decoded.facet] = true;
}

/** A decoded row: its session, its kind and its key. */
type DecodedRow = RowOwner &
  (
    | { readonly facet: 'row' | 'todos' }
    | { readonly facet: 'message'; readonly createdAtMs: number | undefined }
    | { readonly facet: 'part'; readonly messageId: string }
  );

const todoStatuses: ReadonlySet<LeafColumn> = new Set(['pending', 'in_progress', 'completed', 'cancelled']);

/** Decodes a row by its first columns; undefined if it belongs to no session or repeats other rows. */
function decodeRow([first, second, third]: readonly LeafColumn[]): DecodedRow | undefined {
  if (typeof first !== 'string' || first.startsWith('evt_')) return undefined;
  if (isSession(first)) {
    // Rows of event_sequence are (session, number) and repeat other rows too.
    if (typeof second === 'number') return undefined;
    const isTodo = todoStatuses.has(third);
    return { sessionId: first, facet: isTodo ? 'todos' : 'row', key: isTodo ? `todos ${first}` : first };
  }
  if (isSession(second)) return decodeMessageOrPart(second, third, first);
  return isSession(third) ? decodeMessageOrPart(third, second, first) : undefined;
}

/**
 * A row of `part` if the column beside the session id is a message id; else a row of `message`, often with its time.
 */
function decodeMessageOrPart(sessionId: string, other: LeafColumn, key: string): DecodedRow {
  if (typeof other === 'string' && other.startsWith('msg_'))
    return { sessionId, key, facet: 'part', messageId: other };
  const isTimed = typeof other === 'number' && key.startsWith('msg_');
  return { sessionId, key, facet: 'message', createdAtMs: isTimed ? other : undefined };
}

function isSession(column: LeafColumn): column is string {
  return typeof column === 'string' && column.startsWith('ses_');
}

function draftOf(sessions: Map<string, ChangeDraft>, sessionId: string): ChangeDraft {
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
