import { isInterior, type LeafCell, type LeafColumn, leafCells, leafKind, uint32 } from './record.ts';
import { type Entries, fingerprint, noPrint, type PageEntries, SeenPages } from './seen-pages.ts';
import type { SnapshotView } from './snapshot.ts';

/** What of a session commits may have written. */
export interface SessionChange {
  /** Its own row. */
  readonly row: boolean;
  readonly todos: boolean;
  /** The ids of written rows of its messages, and of what else may count as one. */
  readonly messages: ReadonlySet<string>;
  /** The ids of written parts, and whose messages' they are. */
  readonly parts: ReadonlyMap<string, string>;
  /** Messages, parts or todos have gone, or went from one page to another; else nothing but what is named here changed. */
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
      readonly seen: SeenPages;
    };

/** The first and the last session on an index page; of an empty page, neither. */
export interface IndexSpan {
  readonly first?: string;
  readonly last?: string;
}

/** https://sqlite.org/fileformat2.html section 1.3.12, "Free page list". */
const FREE_PAGES_OFFSET = 36;

/** Past this many pages or sessions, looking at all sessions again in slices is cheaper than at these in one go. */
const mostPages = 4000;
const mostSessions = 1000;

/** The session's id is among the first columns in every version: session and todo (1st), message (2nd), part (2nd or 3rd). */
const leadingColumns = 3;

/**
 * Tells from the pages that commits wrote which sessions they touched, by the ids in the first columns of the cells on
 * their leaf pages: of rows, those that are not as `before` has seen them; of indexes by session, those that lost an
 * entry. On a page that was not seen before, all of it counts, of an index as `listed`: reading a few sessions too many is
 * cheap, missing one is not. Whose last entry may have gone from such a page, `maybeEmptied` tells.
 */
export function changedSessions(view: SnapshotView, before: SeenPages): ChangedSessions {
  const { changedPages } = view;
  if (changedPages === 'all' || changedPages.size > mostPages) return 'all';
  const sessions = new Map<string, Draft>();
  const listed = new Set<string>();
  const spans: IndexSpan[] = [];
  const seen = new SeenPages();
  let overflowWritten = false;
  let maybeDeleted = false;
  for (const number of changedPages) {
    const page = view.page(number);
    const kind = leafKind(page, number);
    if (kind !== 'table') seen.setRowsOn(number, new Map());
    if (kind === undefined) {
      overflowWritten ||= !isInterior(page, number);
      continue;
    }
    const cells = leafCells(page, number, leadingColumns);
    if (cells === undefined) return 'all';
    if (kind === 'table') {
      const rows = new Map<string, string>();
      const isKnown = before.rowsOn(number) !== undefined || number > (before.pageCount ?? number);
      for (const cell of cells) noteRow(sessions, page, cell, { before, seen, rows, isKnown });
      seen.setRowsOn(number, rows);
    } else {
      const known = before.entries(number);
      const { entries, kept } = entriesOn(page, cells, known);
      seen.setEntries(number, entries);
      const lost = [...(known ?? entries).keys()].filter((id) => !kept.has(id));
      maybeDeleted ||= (known === undefined || lost.length > 0) && mayListSessions(cells, entries);
      if (known === undefined) {
        for (const id of lost) listed.add(id);
        spans.push(...spanOf(cells));
      } else {
        for (const id of lost) draftOf(sessions, id).lost = true;
      }
    }
  }
  for (const id of sessionsOfGone(changedPages, before, seen)) draftOf(sessions, id).lost = true;
  if (sessions.size + listed.size > mostSessions) return 'all';
  // A leaf that lost its last row is freed without being written.
  const freePages = uint32(view.page(1), FREE_PAGES_OFFSET);
  const isFreed = freePages > (before.freePages ?? -1);
  for (const draft of isFreed ? sessions.values() : [])
    draft.lost ||= draft.parts.size + draft.messages.size > 0;
  seen.setCounts(view.pageCount, freePages);
  return { sessions, overflowWritten, listed, spans, anyCommit: changedPages.size > 0, maybeDeleted, seen };
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
function mayListSessions(cells: readonly LeafCell[], entries: PageEntries): boolean {
  return entries.size === cells.length && cells.every(({ columns }) => columns.length <= 2);
}

function spanOf(cells: readonly LeafCell[]): IndexSpan[] {
  const first = cells[0]?.columns[0];
  const last = cells.at(-1)?.columns[0];
  if (cells.length === 0) return [{}];
  return isSession(first) && isSession(last) ? [{ first, last }] : [];
}

/** At the end of an index's entry is the number of its row. */
const rowNumberBytes = 6;

/**
 * The sessions' entries on an index page, and which sessions still have those that are `known`, in the same order before
 * any that are new: one that is gone shows even where another came instead.
 */
function entriesOn(
  page: Uint8Array,
  cells: readonly LeafCell[],
  known: PageEntries = new Map(),
): { readonly entries: PageEntries; readonly kept: ReadonlySet<string> } {
  const entries = new Map<string, Entries>();
  const kept = new Set<string>();
  for (const { columns, from, to } of cells) {
    const [id, second] = columns;
    if (!isSession(id)) continue;
    const { count, print } = entries.get(id) ?? noEntries;
    // By time, number or row new entries come last; by a word, as the types of events, they come anywhere.
    const isInOrder = typeof second === 'number';
    const now = {
      count: count + 1,
      print: isInOrder ? fingerprint(page, Math.max(from, to - rowNumberBytes), to, print) : print,
    };
    entries.set(id, now);
    const before = known.get(id);
    if (before?.count === now.count && before.print === now.print) kept.add(id);
  }
  return { entries, kept };
}

const noEntries: Entries = { count: 0, print: noPrint };

/** A change while it is gathered. */
interface Draft {
  row: boolean;
  todos: boolean;
  readonly messages: Set<string>;
  readonly parts: Map<string, string>;
  lost: boolean;
}

/** A table's page while its rows are noted. */
interface RowsOfPage {
  readonly before: SeenPages;
  readonly seen: SeenPages;
  readonly rows: Map<string, string>;
  /** The rows that it had at the last look are known: on others one may have come in the place, and by the number, of another. */
  readonly isKnown: boolean;
}

/** The sessions of rows that were on these pages, and are on none of them any more. */
function sessionsOfGone(pages: ReadonlySet<number>, before: SeenPages, seen: SeenPages): ReadonlySet<string> {
  const gone = new Set<string>();
  for (const number of pages) {
    for (const [key, sessionId] of before.rowsOn(number) ?? [])
      if (seen.row(key) === undefined) gone.add(sessionId);
  }
  return gone;
}

/** A row of session, todo, message, part or session_message; rows of `event` repeat what those say. */
function noteRow(
  sessions: Map<string, Draft>,
  page: Uint8Array,
  cell: LeafCell,
  { before, seen, rows, isKnown }: RowsOfPage,
): void {
  const note = noteOf(cell.columns);
  if (note === undefined) return;
  const { sessionId, facet, key } = note;
  if (facet !== 'todos') {
    const print = fingerprint(page, cell.from, cell.to);
    seen.setRow(key, print);
    rows.set(key, sessionId);
    if (before.row(key) === print) return;
  }
  const draft = draftOf(sessions, sessionId);
  draft.lost ||= !isKnown && (facet === 'part' || facet === 'message');
  if (facet === 'part') draft.parts.set(key, note.messageId);
  else if (facet === 'message') draft.messages.add(key);
  else draft[facet] = true;
}

/** Which session a row is of, what of it, and the row's own id. */
type Note = { readonly sessionId: string; readonly key: string } & (
  | { readonly facet: 'row' | 'todos' | 'message' }
  | { readonly facet: 'part'; readonly messageId: string }
);

const todoStatuses: ReadonlySet<LeafColumn> = new Set(['pending', 'in_progress', 'completed', 'cancelled']);

function noteOf([first, second, third]: readonly LeafColumn[]): Note | undefined {
  if (typeof first !== 'string' || first.startsWith('evt_')) return undefined;
  if (isSession(first)) {
    // event_sequence is (session, number) and says nothing of its own either.
    if (typeof second === 'number') return undefined;
    return { sessionId: first, facet: todoStatuses.has(third) ? 'todos' : 'row', key: first };
  }
  if (isSession(second)) return noteOfContent(second, third, first);
  return isSession(third) ? noteOfContent(third, second, first) : undefined;
}

/** A part names its message beside its session. */
function noteOfContent(sessionId: string, other: LeafColumn, key: string): Note {
  const isPart = typeof other === 'string' && other.startsWith('msg_');
  return isPart ? { sessionId, key, facet: 'part', messageId: other } : { sessionId, key, facet: 'message' };
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
    messages: new Set<string>(),
    parts: new Map<string, string>(),
    lost: false,
  };
  sessions.set(sessionId, fresh);
  return fresh;
}
