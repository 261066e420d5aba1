import { sanitize } from '../../text/sanitize.ts';
import type { Row } from '../board.ts';
import { markRows } from '../row-marks.ts';
import { arrange } from '../sort.ts';
import { isBranch, screenBoard } from '../tree.ts';
import type { UiState } from '../ui-state.ts';
import { type Moment, noticed, type Reducers, shownRows, still, without } from './step.ts';

/**
 * Rows hold their places for so long after the cursor was moved: a row must not slip away between the eye and the key.
 * Afterwards they are sorted again, and the selection goes with its session.
 */
const holdMs = 3000;

/** Which rows are shown, in which order, and which of them is selected. */
export const selectionReducers: Reducers<'board' | 'next-waiting' | 'pause'> = {
  board: (state, _action, moment) => still(settle(state, moment)),
  'next-waiting': (state, _action, moment) => still(nextWaiting(state, moment)),
  pause: (state, _action, moment) =>
    still(
      state.frozen
        ? settle(without(without(state, 'frozen'), 'marks'), moment)
        : { ...state, frozen: moment.board },
    ),
};

/** Brings order and selection in line with the rows of a new Board. */
function settle(state: UiState, moment: Moment): UiState {
  const { nowMs } = moment;
  const current = state.notice && state.notice.untilMs <= nowMs ? without(state, 'notice') : state;
  if (current.frozen) return current;
  const marked = { ...current, marks: markRows(current.marks, moment.board, nowMs) };
  const hold = current.movedAtMs !== undefined && nowMs - current.movedAtMs < holdMs;
  const order = arrange(shownRows(marked, moment), current.order, current.sort, hold, nowMs);
  return reselect({ ...marked, order }, current.order);
}

/** Puts the rows in order at once: they are sorted or filtered in another way now. */
export function rearrange(state: UiState, moment: Moment): UiState {
  const order = arrange(shownRows(state, moment), state.order, state.sort, false, moment.nowMs);
  return reselect({ ...state, order }, state.order);
}

/** Keeps the selection; where its row is gone, the one that took its place is selected. */
function reselect(state: UiState, before: readonly string[]): UiState {
  const { selectedKey, order } = state;
  if (selectedKey !== undefined && order.includes(selectedKey)) return state;
  const index = selectedKey === undefined ? 0 : Math.max(0, before.indexOf(selectedKey));
  const key = order[Math.min(index, order.length - 1)];
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
function nextWaiting(state: UiState, moment: Moment): UiState {
  const { nowMs } = moment;
  const rows = new Map(shownRows(state, moment).map((row) => [row.key, row]));
  const from = selectedIndex(state);
  const round = [...state.order.slice(from + 1), ...state.order.slice(0, from + 1)];
  const find = (wanted: (row: Row) => boolean) =>
    round.find((key) => {
      const row = rows.get(key);
      // In the tree a subagent's ask is its root's already.
      return row !== undefined && !isBranch(row) && wanted(row);
    });
  const key = find((row) => row.state.needsYou) ?? find((row) => row.state.unread);
  if (key !== undefined) return select(state, key, nowMs);
  const hides = state.filter !== undefined && screenBoard(moment.board, state).needsYouCount > 0;
  const words = hides ? 'nobody who is shown needs you; the filter hides who does' : 'nobody needs you';
  return noticed(state, sanitize(words), nowMs);
}
