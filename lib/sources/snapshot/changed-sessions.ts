import { isInterior, type LeafColumn, leafColumns, leafKind } from './record.ts';
import type { SnapshotView } from './snapshot.ts';

/** What of a session a commit may have written: its own row, or its messages, parts and todos. */
export type Facet = 'row' | 'messages';

/** What the commits since the last look may have written; 'all' where that cannot be told. */
export type ChangedSessions =
  | 'all'
  | {
      readonly facets: ReadonlyMap<string, ReadonlySet<Facet>>;
      /**
       * Pages other than those of b-trees were written. SQLite overwrites a row of the same length in place, and where
       * only columns behind a large `summary_diffs` changed, the leaf page of `session` is not written at all.
       */
      readonly overflowWritten: boolean;
      /** Index pages by session that were written: rows that were deleted had their entries in these. */
      readonly spans: readonly IndexSpan[];
      /** False where no commit came since the last look. */
      readonly anyCommit: boolean;
    };

/** The first and the last session on an index page; of an empty page, neither. */
export interface IndexSpan {
  readonly first?: string;
  readonly last?: string;
}

/** Past this many pages, reading every tracked session again is cheaper than decoding. */
const mostPages = 4000;

/** The session's id is among the first columns in every version: session and todo (1st), message (2nd), part (2nd or 3rd). */
const leadingColumns = 3;

/**
 * Tells from the pages that commits wrote which sessions they touched, by the ids in the first columns of the cells on
 * their leaf pages. Neighbours of a written row on its page count too: reading a few sessions too many is cheap, missing
 * one is not. A deleted row leaves nothing on its page: `maybeEmptied` tells whose last rows may have gone.
 */
export function changedSessions(view: SnapshotView): ChangedSessions {
  const { changedPages } = view;
  if (changedPages === 'all' || changedPages.size > mostPages) return 'all';
  const facets = new Map<string, Set<Facet>>();
  const spans: IndexSpan[] = [];
  let overflowWritten = false;
  for (const number of changedPages) {
    const page = view.page(number);
    const kind = leafKind(page, number);
    if (kind === undefined) {
      overflowWritten ||= !isInterior(page, number);
      continue;
    }
    const rows = leafColumns(page, number, leadingColumns);
    if (rows === undefined) return 'all';
    for (const row of rows) {
      const note = kind === 'table' ? noteOfRow(row) : noteOfEntry(row);
      if (note !== undefined) add(facets, ...note);
    }
    if (kind === 'index') spans.push(...spanOf(rows));
  }
  return { facets, overflowWritten, spans, anyCommit: changedPages.size > 0 };
}

/**
 * Which of these sessions may have lost their last rows on a written page: those that sort between the sessions that are
 * still on it, and the next one on either side of it.
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

function spanOf(rows: readonly (readonly LeafColumn[])[]): IndexSpan[] {
  const first = rows[0]?.[0];
  const last = rows.at(-1)?.[0];
  if (rows.length === 0) return [{}];
  return isSession(first) && isSession(last) ? [{ first, last }] : [];
}

type Note = readonly [sessionId: string, facet: Facet];

const todoStatuses: ReadonlySet<LeafColumn> = new Set(['pending', 'in_progress', 'completed', 'cancelled']);

/** A row of session, todo, message, part or session_message; rows of `event` repeat what those say. */
function noteOfRow([first, second, third]: readonly LeafColumn[]): Note | undefined {
  if (typeof first !== 'string' || first.startsWith('evt_')) return undefined;
  if (isSession(first)) {
    // event_sequence is (session, number) and says nothing of its own either.
    if (typeof second === 'number') return undefined;
    return [first, todoStatuses.has(third) ? 'messages' : 'row'];
  }
  if (isSession(second)) return [second, 'messages'];
  return isSession(third) ? [third, 'messages'] : undefined;
}

/** An entry of the index of messages by (session_id, time_created, id). */
function noteOfEntry([first, second, third]: readonly LeafColumn[]): Note | undefined {
  const isMessage = isSession(first) && typeof second === 'number' && typeof third === 'string';
  return isMessage ? [first, 'messages'] : undefined;
}

function isSession(column: LeafColumn): column is string {
  return typeof column === 'string' && column.startsWith('ses_');
}

function add(facets: Map<string, Set<Facet>>, sessionId: string, facet: Facet): void {
  const known = facets.get(sessionId) ?? new Set();
  known.add(facet);
  facets.set(sessionId, known);
}
