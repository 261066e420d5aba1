import type { SessionState } from '../session/state.ts';
import type { Board, Row } from './board.ts';

/** A recent change of a row that the table shows for a moment. */
export type RowHighlight = 'new' | 'changed' | 'gone';

/** The highlighted rows, and the rows that the next Board is compared with. */
export interface RowHighlights {
  /** The rows of the last Board, by key. */
  readonly known: ReadonlyMap<string, Row>;
  /** The highlight of a row that appeared, changed or disappeared, and its end, by key. */
  readonly highlighted: ReadonlyMap<string, { readonly highlight: RowHighlight; readonly untilMs: number }>;
  /** Rows that disappeared and stay visible for a moment. */
  readonly gone: readonly Row[];
}

/** Long enough to notice at the edge of the view, too short to hide the next change. */
export const highlightMs = 2000;

/**
 * The highlights after a new Board. The first Board gets none. Neither do rows without a process: they appear and
 * disappear only because the user shows or hides them.
 */
export function highlightRows(before: RowHighlights | undefined, board: Board, nowMs: number): RowHighlights {
  const known = new Map(board.rows.map((row) => [row.key, row]));
  if (!before || before.known.size === 0) return { known, highlighted: new Map(), gone: [] };
  const highlighted = new Map(
    [...before.highlighted].filter(([, { untilMs }]) => isWithin(untilMs, nowMs, highlightMs)),
  );
  const add = (key: string, highlight: RowHighlight) =>
    highlighted.set(key, { highlight, untilMs: nowMs + highlightMs });
  for (const row of board.rows) {
    const last = before.known.get(row.key);
    if (!last && row.process && !replacesProcessRow(row, before.known)) add(row.key, 'new');
    else if (last && hasChanged(last.state, row.state)) add(row.key, 'changed');
    else if (highlighted.get(row.key)?.highlight === 'gone') highlighted.delete(row.key);
  }
  for (const [key, row] of before.known) {
    if (!known.has(key) && row.process && !hasProcessOf(row, board.rows)) add(key, 'gone');
  }
  const candidates = new Map([...before.gone.map((row) => [row.key, row] as const), ...before.known]);
  const gone = [...candidates.values()].filter(
    ({ key }) => !known.has(key) && highlighted.get(key)?.highlight === 'gone',
  );
  return { known, highlighted, gone: gone.map(atRest) };
}

/** The key of a row changes when its process gets its first session: the row is neither new nor gone. */
function replacesProcessRow(row: Row, known: ReadonlyMap<string, Row>): boolean {
  return known.has(`pid:${row.process?.pid}`);
}

function hasProcessOf(row: Row, rows: readonly Row[]): boolean {
  return rows.some(({ process }) => process?.pid === row.process?.pid);
}

/** A session switches between thinking and writing all the time: only a change of phase counts. */
function hasChanged(last: SessionState, next: SessionState): boolean {
  return phase(last) !== phase(next) || last.needsYou !== next.needsYou || last.unread !== next.unread;
}

function phase({ name }: SessionState): string {
  return name === 'thinking' || name === 'generating' || name === 'tool use' ? 'working' : name;
}

/** A row that disappeared needs nobody. */
function atRest(row: Row): Row {
  return { ...row, children: [], state: { ...row.state, needsYou: false, unread: false } };
}

/**
 * True if `nowMs` is within the last `spanMs` before `untilMs`. If the wall clock was set back, the result is false:
 * otherwise the effect would last as long as the clock jumped.
 */
export function isWithin(untilMs: number, nowMs: number, spanMs: number): boolean {
  return untilMs > nowMs && untilMs <= nowMs + spanMs;
}
