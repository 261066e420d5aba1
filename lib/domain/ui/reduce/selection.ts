import { sanitize } from '../../../text/sanitize.ts';
import type { Row } from '../../board/board.ts';
import { highlightRows, isWithin } from '../../board/row-highlights.ts';
import { arrangeSections, headingOf, isHeading } from '../../board/sections.ts';
import { isBranch, screenBoard } from '../../board/tree.ts';
import type { UiState } from '../ui-state.ts';
import {
  noticed,
  noticeMs,
  type ReduceInput,
  type Reducers,
  type Step,
  shownRows,
  still,
  without,
} from './step.ts';

/**
 * Rows hold their places for so long after the cursor was moved: a row must not slip away between the eye and the key.
 * Afterwards they are sorted again, and the selection goes with its session.
 */
const holdMs = 3000;

/** Which rows are shown, in which order, and which of them is selected. */
export const selectionReducers: Reducers<'board' | 'next-waiting' | 'pause'> = {
  board: (state, _action, input) => settle(state, input),
  'next-waiting': (state, _action, input) => still(nextWaiting(state, input)),
  pause: (state, _action, input) => {
    if (state.frozen) return settle(without(without(state, 'frozen'), 'highlights'), input);
    const frozen = { ...state, frozen: input.board };
    return still(frozen, screenBoard(input.board, frozen));
  },
};

function isNoticeOver({ notice }: UiState, nowMs: number): boolean {
  return notice !== undefined && !isWithin(notice.untilMs, nowMs, noticeMs);
}

/** Brings order and selection in line with the rows of a new Board. */
function settle(state: UiState, input: ReduceInput): Step {
  const { board, nowMs } = input;
  const current = isNoticeOver(state, nowMs) ? without(state, 'notice') : state;
  if (current.frozen) return still(current);
  const highlighted = { ...current, highlights: highlightRows(current.highlights, board, nowMs) };
  const shown = screenBoard(board, highlighted);
  const hold = current.movedAtMs !== undefined && Math.abs(nowMs - current.movedAtMs) < holdMs;
  const order = arranged(highlighted, { ...input, shown }, hold);
  return still(leaveGone(reselect({ ...highlighted, order }, current.order), current, nowMs), shown);
}

/** A detail log whose session is gone closes: nobody should read on in another one, or act on it. */
function leaveGone(state: UiState, before: UiState, nowMs: number): UiState {
  if (state.focus !== 'detail' || state.selectedKey === before.selectedKey) return state;
  return noticed({ ...state, focus: 'table' }, sanitize('the session that was open is gone'), nowMs);
}

/** Puts the rows in order at once: they are sorted or filtered in another way now. */
export function rearrange(state: UiState, input: ReduceInput): UiState {
  return reselect({ ...state, order: arranged(state, input, false) }, state.order);
}

function arranged(state: UiState, input: ReduceInput, hold: boolean): readonly string[] {
  const { order, sort, foldedHosts, onlyHost } = state;
  return arrangeSections(input.shown, {
    rows: shownRows(state, input),
    shown: order,
    sort,
    hold,
    nowMs: input.nowMs,
    folded: foldedHosts,
    only: onlyHost,
    filtered: state.filter !== undefined,
  });
}

/**
 * Keeps the selection; where its row is gone, the one that took its place is selected. Before anyone chose one it is the
 * first session: a screen that is only looked at shows who needs you most, and does not follow a session down.
 */
function reselect(state: UiState, before: readonly string[]): UiState {
  const { selectedKey, order } = state;
  const isChosen = state.movedAtMs !== undefined;
  if (selectedKey !== undefined && isChosen && order.includes(selectedKey)) return state;
  const index = isChosen && selectedKey !== undefined ? Math.max(0, before.indexOf(selectedKey)) : 0;
  const place = Math.min(index, order.length - 1);
  const key = order.slice(Math.max(0, place)).find((each) => !isHeading(each)) ?? order[place];
  if (key === selectedKey) return state;
  const left = without(without(state, 'detailTop'), 'selectedKey');
  return key === undefined ? { ...left, focus: 'table' } : { ...left, selectedKey: key };
}

/** Selects a row by its key; its detail log starts anew. */
export function select(state: UiState, key: string, nowMs: number): UiState {
  if (key === state.selectedKey) return { ...state, movedAtMs: nowMs };
  return { ...without(state, 'detailTop'), selectedKey: key, movedAtMs: nowMs };
}

/** The selected row's place among those shown; -1 where none is selected. */
export function selectedIndex(state: UiState): number {
  return state.selectedKey === undefined ? -1 : state.order.indexOf(state.selectedKey);
}

/** Selects the row of a place, or the nearest one there is. */
export function moveTo(state: UiState, index: number, nowMs: number): UiState {
  const key = state.order[Math.max(0, Math.min(index, state.order.length - 1))];
  return key === undefined ? state : select(state, key, nowMs);
}

/** The next row that needs you, after the selected one and round again; without any, the next that ended unread. */
function nextWaiting(state: UiState, input: ReduceInput): UiState {
  const { nowMs } = input;
  const rows = new Map(shownRows(state, input).map((row) => [row.key, row]));
  // Those of folded hosts, too.
  const order = arranged({ ...state, foldedHosts: [] }, input, true);
  const from = state.selectedKey === undefined ? -1 : order.indexOf(state.selectedKey);
  const round = [...order.slice(from + 1), ...order.slice(0, from + 1)];
  const find = (wanted: (row: Row) => boolean) =>
    round
      .map((key) => rows.get(key))
      // In the tree a subagent's ask is its root's already.
      .find((row) => row !== undefined && !isBranch(row) && wanted(row));
  const row = find(({ state }) => state.needsYou) ?? find(({ state }) => state.unread);
  if (row !== undefined) return select(unfoldedFor(row, state, input), row.key, nowMs);
  const isHidden = input.shown.needsYouCount > 0;
  const why = state.filter ? 'the filter hides who does' : 'who does is on another host: Esc shows all';
  const hides = isHidden && (state.filter !== undefined || state.onlyHost !== undefined);
  const words = hides ? `nobody who is shown needs you; ${why}` : 'nobody needs you';
  return noticed(state, sanitize(words), nowMs);
}

/** The state with the row's host unfolded. */
function unfoldedFor(row: Row, state: UiState, input: ReduceInput): UiState {
  const heading = headingOf(row, input.board);
  if (!state.foldedHosts.includes(heading)) return state;
  return rearrange({ ...state, foldedHosts: state.foldedHosts.filter((key) => key !== heading) }, input);
}
