import { sanitize } from '../../../text/sanitize.ts';
import type { Row } from '../../board/board.ts';
import { highlightRows, isWithin } from '../../board/row-highlights.ts';
import { arrangeSections, headingOf, isHeading } from '../../board/sections.ts';
import { isSubagentRow, screenBoard } from '../../board/tree.ts';
import type { UiState } from '../ui-state.ts';
import {
  noEffects,
  noticed,
  type ReduceInput,
  type Reducers,
  type Step,
  shownRows,
  without,
} from './step.ts';

/**
 * Rows keep their order for this time after the cursor moved, so that no row moves away just before a key is pressed.
 * Afterwards they are sorted again, and the selection stays on its session.
 */
const holdMs = 3000;

/** Reducers of a new Board, of the next waiting session and of pausing. */
export const selectionReducers: Reducers<'board' | 'next-waiting' | 'pause'> = {
  board: (state, _action, input) => settle(state, input),
  'next-waiting': (state, _action, input) => noEffects(nextWaiting(state, input)),
  pause: (state, _action, input) => {
    if (state.frozen) return settle(without(without(state, 'frozen'), 'highlights'), input);
    const frozen = { ...state, frozen: input.board };
    return noEffects(frozen, screenBoard(input.board, frozen));
  },
};

function hasExpiredNotice({ notice }: UiState, nowMs: number): boolean {
  return notice !== undefined && !isWithin(notice.untilMs, nowMs, notice.lastsMs);
}

/** Updates highlights, order and selection for a new Board. */
function settle(state: UiState, input: ReduceInput): Step {
  const { board, nowMs } = input;
  const current = hasExpiredNotice(state, nowMs) ? without(state, 'notice') : state;
  if (current.frozen) return noEffects(current);
  const highlighted = { ...current, highlights: highlightRows(current.highlights, board, nowMs) };
  const shown = screenBoard(board, highlighted);
  const hold = current.movedAtMs !== undefined && Math.abs(nowMs - current.movedAtMs) < holdMs;
  const order = arranged(highlighted, { ...input, shown }, hold);
  return noEffects(closeIfGone(reselect({ ...highlighted, order }, current.order), current, nowMs), shown);
}

/** Closes the detail log if its session is gone, so that nobody reads or acts on another session by mistake. */
function closeIfGone(state: UiState, before: UiState, nowMs: number): UiState {
  if (state.focus !== 'detail' || state.selectedKey === before.selectedKey) return state;
  return noticed({ ...state, focus: 'table' }, sanitize('the session that was open is gone'), nowMs);
}

/** Sorts and filters the rows immediately, for example after the sort order or the filter changed. */
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
 * Keeps the selection. If its row is gone, selects the row that took its place. Until the person moves the cursor, the
 * first session stays selected: it needs the person most, and the selection must not follow a session down.
 */
function reselect(state: UiState, before: readonly string[]): UiState {
  const { selectedKey, order } = state;
  const isChosen = state.movedAtMs !== undefined;
  if (selectedKey !== undefined && isChosen && order.includes(selectedKey)) return state;
  const index = isChosen && selectedKey !== undefined ? Math.max(0, before.indexOf(selectedKey)) : 0;
  const target = Math.min(index, order.length - 1);
  const key = order.slice(Math.max(0, target)).find((each) => !isHeading(each)) ?? order[target];
  if (key === selectedKey) return state;
  const left = without(without(state, 'detailTop'), 'selectedKey');
  return key === undefined ? { ...left, focus: 'table' } : { ...left, selectedKey: key };
}

/** Selects a row by its key. The detail log of another row starts unscrolled. */
export function select(state: UiState, key: string, nowMs: number): UiState {
  if (key === state.selectedKey) return { ...state, movedAtMs: nowMs };
  return { ...without(state, 'detailTop'), selectedKey: key, movedAtMs: nowMs };
}

/** Returns the index of the selected row among the shown rows, or -1 if no row is selected. */
export function selectedIndex(state: UiState): number {
  return state.selectedKey === undefined ? -1 : state.order.indexOf(state.selectedKey);
}

/** Selects the row at this index, clamped to the shown rows. */
export function moveTo(state: UiState, index: number, nowMs: number): UiState {
  const key = state.order[Math.max(0, Math.min(index, state.order.length - 1))];
  return key === undefined ? state : select(state, key, nowMs);
}

/** Selects the next row that needs the person, wrapping around; without one, the next row that ended unread. */
function nextWaiting(state: UiState, input: ReduceInput): UiState {
  const { nowMs } = input;
  const rows = new Map(shownRows(state, input).map((row) => [row.key, row]));
  // Includes the rows of folded hosts.
  const order = arranged({ ...state, foldedHosts: [] }, input, true);
  const from = state.selectedKey === undefined ? -1 : order.indexOf(state.selectedKey);
  const round = [...order.slice(from + 1), ...order.slice(0, from + 1)];
  const find = (wanted: (row: Row) => boolean) =>
    round
      .map((key) => rows.get(key))
      // A subagent's ask is already raised to its root.
      .find((row) => row !== undefined && !isSubagentRow(row) && wanted(row));
  const row = find(({ state }) => state.needsYou) ?? find(({ state }) => state.unread);
  if (row !== undefined) return select(unfoldedFor(row, state, input), row.key, nowMs);
  const isHidden = input.shown.needsYouCount > 0;
  const why = state.filter
    ? 'the filter hides those that do'
    : 'those that do are on another host: Esc shows all';
  const hides = isHidden && (state.filter !== undefined || state.onlyHost !== undefined);
  const words = hides ? `no session on the screen needs you; ${why}` : 'nobody needs you';
  return noticed(state, sanitize(words), nowMs);
}

/** Returns the state with the row's host unfolded. */
function unfoldedFor(row: Row, state: UiState, input: ReduceInput): UiState {
  const heading = headingOf(row, input.board);
  if (!state.foldedHosts.includes(heading)) return state;
  return rearrange({ ...state, foldedHosts: state.foldedHosts.filter((key) => key !== heading) }, input);
}
