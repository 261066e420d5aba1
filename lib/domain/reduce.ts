import { sanitize } from '../text/sanitize.ts';
import type { Board, Row } from './board.ts';
import { type ColumnId, columns, findColumn } from './columns.ts';
import { arrange, type SortOrder } from './sort.ts';
import { type Action, type DetailTab, detailTabs, type Effect, type UiState } from './ui-state.ts';

/** A state and what the app has to do for it. */
export interface Step {
  readonly state: UiState;
  readonly effects: readonly Effect[];
}

/**
 * Rows hold their places for so long after the cursor was moved: a row must not slip away between the eye and the key.
 * Afterwards they are sorted again, and the selection goes with its session.
 */
const holdMs = 3000;
const noticeMs = 4000;
/** A row a notch: a wheel's one movement sends several. */
const wheelRows = 1;
const wheelLines = 3;

/** The state after an action. Pure: time comes in, and whatever touches the world comes out as an effect. */
export function reduce(state: UiState, action: Action, board: Board, nowMs: number): Step {
  switch (action.type) {
    case 'quit':
    case 'refresh':
    case 'suspend':
      return { state, effects: [{ type: action.type }] };
    case 'redraw':
      return { state, effects: [{ type: 'redraw' }, { type: 'refresh' }] };
    case 'open':
      return open(state);
    case 'click-row':
      return action.key === state.selectedKey ? open(state) : still(select(state, action.key, nowMs));
    case 'next-waiting':
      return still(nextWaiting(state, board, nowMs));
    case 'pause':
      return pause(state, board, nowMs);
    case 'copy':
      return copy(state, action.what);
    case 'tab':
      return turnTo(state, action.to ?? nextTab(state));
    default:
      return still(change(state, action, board, nowMs));
  }
}

type PlainAction = Exclude<
  Action,
  {
    type:
      | 'quit'
      | 'refresh'
      | 'suspend'
      | 'redraw'
      | 'open'
      | 'click-row'
      | 'next-waiting'
      | 'pause'
      | 'copy'
      | 'tab';
  }
>;

function still(state: UiState): Step {
  return { state, effects: [] };
}

function change(state: UiState, action: PlainAction, board: Board, nowMs: number): UiState {
  switch (action.type) {
    case 'board':
      return settle(state, board, nowMs);
    case 'viewport':
      return { ...state, viewport: action.viewport };
    case 'notice':
      return { ...state, notice: { text: action.text, untilMs: nowMs + noticeMs } };
    case 'move':
      return scrolls(state)
        ? scroll(state, action.by)
        : moveTo(state, selectedIndex(state) + action.by, nowMs);
    case 'page':
      return page(state, action.pages, nowMs);
    case 'move-to':
      return scrolls(state) ? scrollTo(state, action.index) : moveTo(state, action.index, nowMs);
    case 'wheel':
      return wheel(state, action.panel, action.by, nowMs);
    case 'back':
      return back(state);
    case 'sort-step':
      return resort(state, stepSort(state.sort, action.step), board, nowMs);
    case 'sort-flip':
      return resort(state, { ...state.sort, descending: !state.sort.descending }, board, nowMs);
    case 'sort-by':
      return resort(state, sortBy(state.sort, action.column), board, nowMs);
    case 'help':
      return state.overlay === 'help' ? without(state, 'overlay') : { ...state, overlay: 'help', helpTop: 0 };
    case 'row-lines':
      return { ...state, rowLines: nextRowLines[state.rowLines] };
    default:
      return action satisfies never;
  }
}

function turnTo(state: UiState, detailTab: DetailTab): Step {
  const { state: opened, effects } = open(state);
  return { state: { ...without(opened, 'detailTop'), detailTab }, effects };
}

function nextTab(state: UiState): DetailTab {
  return detailTabs[(detailTabs.indexOf(state.detailTab) + 1) % detailTabs.length] ?? 'log';
}

const nextRowLines = { auto: 'two', two: 'one', one: 'auto' } as const;

/** Takes an optional field away: `exactOptionalPropertyTypes` tells "absent" from "undefined". */
function without<K extends 'overlay' | 'detailTop' | 'frozen' | 'notice' | 'selectedKey'>(
  state: UiState,
  field: K,
): UiState {
  const { [field]: _gone, ...rest } = state;
  return rest as UiState;
}

/** Brings order and selection in line with the rows of a new Board. */
function settle(state: UiState, board: Board, nowMs: number): UiState {
  const current = state.notice && state.notice.untilMs <= nowMs ? without(state, 'notice') : state;
  if (current.frozen) return current;
  const hold = current.movedAtMs !== undefined && nowMs - current.movedAtMs < holdMs;
  const order = arrange(board.rows, current.order, current.sort, hold, nowMs);
  return reselect({ ...current, order }, current.order);
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

function select(state: UiState, key: string, nowMs: number): UiState {
  if (key === state.selectedKey) return { ...state, movedAtMs: nowMs };
  return { ...without(state, 'detailTop'), selectedKey: key, movedAtMs: nowMs };
}

function selectedIndex(state: UiState): number {
  return state.selectedKey === undefined ? -1 : state.order.indexOf(state.selectedKey);
}

function moveTo(state: UiState, index: number, nowMs: number): UiState {
  const key = state.order[Math.max(0, Math.min(index, state.order.length - 1))];
  return key === undefined ? state : select(state, key, nowMs);
}

/** Moving scrolls where there is no cursor to move. */
function scrolls(state: UiState): boolean {
  return state.overlay !== undefined || state.focus === 'detail';
}

function page(state: UiState, pages: number, nowMs: number): UiState {
  const { viewport } = state;
  const rows = state.overlay
    ? viewport.helpRows
    : state.focus === 'detail'
      ? viewport.detailRows
      : viewport.tableRows;
  const by = Math.trunc(pages * Math.max(1, rows - 1)) || Math.sign(pages);
  return scrolls(state) ? scroll(state, by) : moveTo(state, selectedIndex(state) + by, nowMs);
}

function scroll(state: UiState, by: number): UiState {
  return state.overlay
    ? scrollTo(state, state.helpTop + by)
    : scrollTo(state, (state.detailTop ?? state.viewport.detailTop) + by);
}

function scrollTo(state: UiState, line: number): UiState {
  const { viewport } = state;
  if (state.overlay) return { ...state, helpTop: clamp(line, viewport.helpLines - viewport.helpRows) };
  return scrollDetail(state, line);
}

/** At its last line the detail log follows its end again. */
function scrollDetail(state: UiState, line: number): UiState {
  const last = Math.max(0, state.viewport.detailLines - state.viewport.detailRows);
  return line >= last && last > 0
    ? { ...state, detailTop: Number.POSITIVE_INFINITY }
    : { ...state, detailTop: clamp(line, last) };
}

function clamp(line: number, last: number): number {
  return Math.max(0, Math.min(line, Math.max(0, last)));
}

function wheel(state: UiState, panel: 'table' | 'detail' | 'help', by: number, nowMs: number): UiState {
  if (panel === 'table') return moveTo(state, selectedIndex(state) + by * wheelRows, nowMs);
  if (panel === 'help')
    return {
      ...state,
      helpTop: clamp(state.helpTop + by * wheelLines, state.viewport.helpLines - state.viewport.helpRows),
    };
  const top = Math.min(state.detailTop ?? state.viewport.detailTop, state.viewport.detailTop);
  return scrollDetail(state, top + by * wheelLines);
}

function open(state: UiState): Step {
  if (state.selectedKey === undefined || state.focus === 'detail') return still(state);
  return {
    state: { ...without(state, 'detailTop'), focus: 'detail' },
    effects: [{ type: 'seen', key: state.selectedKey }],
  };
}

function copy(state: UiState, what: 'id' | 'resume command'): Step {
  return {
    state,
    effects: state.selectedKey === undefined ? [] : [{ type: 'copy', key: state.selectedKey, what }],
  };
}

/** Peels one layer: overlay, notice, detail. Never quits. */
function back(state: UiState): UiState {
  if (state.overlay) return without(state, 'overlay');
  if (state.notice) return without(state, 'notice');
  return { ...without(state, 'detailTop'), focus: 'table' };
}

function resort(state: UiState, sort: SortOrder, board: Board, nowMs: number): UiState {
  const rows = (state.frozen ?? board).rows;
  return { ...state, sort, order: arrange(rows, state.order, sort, false, nowMs) };
}

function stepSort(sort: SortOrder, step: 1 | -1): SortOrder {
  const index = columns.findIndex((column) => column.id === sort.column) + step;
  const column = columns.at(index % columns.length) ?? columns[0];
  return column ? { column: column.id, descending: column.descending } : sort;
}

function sortBy(sort: SortOrder, id: ColumnId): SortOrder {
  if (sort.column === id) return { column: id, descending: !sort.descending };
  return { column: id, descending: findColumn(id)?.descending ?? false };
}

function pause(state: UiState, board: Board, nowMs: number): Step {
  if (state.frozen) return still(settle(without(state, 'frozen'), board, nowMs));
  return still({ ...state, frozen: board });
}

/** The next row that needs you, after the selected one and round again; without any, the next that ended unread. */
function nextWaiting(state: UiState, board: Board, nowMs: number): UiState {
  const rows = new Map((state.frozen ?? board).rows.map((row) => [row.key, row]));
  const from = selectedIndex(state);
  const round = [...state.order.slice(from + 1), ...state.order.slice(0, from + 1)];
  const find = (wanted: (row: Row) => boolean) =>
    round.find((key) => {
      const row = rows.get(key);
      return row !== undefined && wanted(row);
    });
  const key = find((row) => row.state.needsYou) ?? find((row) => row.state.unread);
  if (key !== undefined) return select(state, key, nowMs);
  return { ...state, notice: { text: sanitize('nobody needs you'), untilMs: nowMs + noticeMs } };
}
