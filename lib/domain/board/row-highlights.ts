import type { SessionState } from '../session/state.ts';
import type { Board, Row } from './board.ts';

/** What happened to a row a moment ago. */
export type RowMark = 'new' | 'changed' | 'gone';

/** What is remembered of the rows to mark what happens to them. */
export interface RowMarks {
  /** The rows of the last Board, by key. */
  readonly known: ReadonlyMap<string, Row>;
  /** Until when a row that came, or went to another state, is marked. */
  readonly marked: ReadonlyMap<string, { readonly mark: RowMark; readonly untilMs: number }>;
  /** Rows that went, which stay in sight for a moment. */
  readonly gone: readonly Row[];
}

/** Long enough to be seen out of the corner of an eye, too short to hide what comes next. */
export const markMs = 2000;

/**
 * The marks after a new Board. Nothing is marked on the first one; nor do rows of sessions that no process runs come and
 * go with a mark: they are there or not as someone wishes.
 */
export function markRows(before: RowMarks | undefined, board: Board, nowMs: number): RowMarks {
  const known = new Map(board.rows.map((row) => [row.key, row]));
  if (!before || before.known.size === 0) return { known, marked: new Map(), gone: [] };
  const marked = new Map([...before.marked].filter(([, { untilMs }]) => isLasting(untilMs, nowMs, markMs)));
  const mark = (key: string, mark: RowMark) => marked.set(key, { mark, untilMs: nowMs + markMs });
  for (const row of board.rows) {
    const last = before.known.get(row.key);
    if (!last && row.process && !takesOver(row, before.known)) mark(row.key, 'new');
    else if (last && isOther(last.state, row.state)) mark(row.key, 'changed');
    else if (marked.get(row.key)?.mark === 'gone') marked.delete(row.key);
  }
  for (const [key, row] of before.known) {
    if (!known.has(key) && row.process && !isTakenOver(row, board.rows)) mark(key, 'gone');
  }
  const candidates = new Map([...before.gone.map((row) => [row.key, row] as const), ...before.known]);
  const gone = [...candidates.values()].filter(
    ({ key }) => !known.has(key) && marked.get(key)?.mark === 'gone',
  );
  return { known, marked, gone: gone.map(atRest) };
}

/** A process that gets its first session changes its row's key: it is neither new nor gone. */
function takesOver(row: Row, known: ReadonlyMap<string, Row>): boolean {
  return known.has(`pid:${row.process?.pid}`);
}

function isTakenOver(row: Row, rows: readonly Row[]): boolean {
  return rows.some(({ process }) => process?.pid === row.process?.pid);
}

/** Between thinking and writing a session goes to and fro all the time: only what a person would call a change counts. */
function isOther(last: SessionState, next: SessionState): boolean {
  return phase(last) !== phase(next) || last.needsYou !== next.needsYou || last.unread !== next.unread;
}

function phase({ name }: SessionState): string {
  return name === 'thinking' || name === 'generating' || name === 'tool use' ? 'working' : name;
}

/** What is gone needs nobody. */
function atRest(row: Row): Row {
  return { ...row, children: [], state: { ...row.state, needsYou: false, unread: false } };
}

/**
 * True until `untilMs` of something that lasts `spanMs` at the most: where the wall clock was set back it is over, as it would
 * last for as long as that.
 */
export function isLasting(untilMs: number, nowMs: number, spanMs: number): boolean {
  return untilMs > nowMs && untilMs <= nowMs + spanMs;
}
