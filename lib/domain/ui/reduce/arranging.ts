import { sanitize } from '../../../text/sanitize.ts';
import type { SortOrder } from '../../board/sort.ts';
import { screenBoard } from '../../board/tree.ts';
import { type ColumnId, columns, findColumn } from '../../table/columns.ts';
import type { Menu } from '../action.ts';
import type { UiState } from '../ui-state.ts';
import { rearrange, select } from './selection.ts';
import { type Moment, noticed, type Reducers, still } from './step.ts';

/** What the table is sorted by. */
export const sortingReducers: Reducers<'sort-step' | 'sort-flip' | 'sort-by' | 'sort-menu'> = {
  'sort-step': (state, { step }, moment) => still(resort(state, stepSort(state.sort, step), moment)),
  'sort-flip': (state, _action, moment) =>
    still(resort(state, { ...state.sort, descending: !state.sort.descending }, moment)),
  'sort-by': (state, { column }, moment) => still(resort(state, sortBy(state.sort, column), moment)),
  'sort-menu': (state) => still({ ...state, menu: sortMenu(state.sort) }),
};

function resort(state: UiState, sort: SortOrder, moment: Moment): UiState {
  return rearrange({ ...state, sort }, moment);
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

/** All columns, with the one in force under the cursor; picking that one flips it. */
function sortMenu(sort: SortOrder): Menu {
  const direction = sort.descending ? 'descending' : 'ascending';
  return {
    title: sanitize('sort by'),
    items: columns.map(({ id, help }) => ({
      label: sanitize(id),
      detail: sanitize(help),
      action: { type: 'sort-by', column: id },
      ...(id === sort.column && { mark: direction }),
    })),
    selected: Math.max(
      0,
      columns.findIndex(({ id }) => id === sort.column),
    ),
  };
}

/** Subagents under their parents, folded or not. */
export const treeReducers: Reducers<'tree' | 'fold'> = {
  tree: (state, _action, moment) => still(toggleTree(state, moment)),
  fold: (state, { away }, moment) => still(fold(state, away, moment)),
};

function toggleTree(state: UiState, moment: Moment): UiState {
  const rootKey = selectedRoot(state, moment);
  const next = rearrange({ ...state, tree: !state.tree, folded: [] }, moment);
  const settled = rootKey === undefined || next.tree ? next : select(next, rootKey, moment.nowMs);
  const words = settled.tree ? 'subagents stand under their parents' : 'subagents are in their parents again';
  return noticed(settled, sanitize(words), moment.nowMs);
}

/** Folds the selected family, or unfolds it; the selection goes to its root, whose row stays. */
function fold(state: UiState, away: boolean, moment: Moment): UiState {
  const rootKey = selectedRoot(state, moment);
  if (rootKey === undefined) return state;
  const others = state.folded.filter((key) => key !== rootKey);
  const folded = rearrange({ ...state, folded: away ? [...others, rootKey] : others }, moment);
  return away ? select(folded, rootKey, moment.nowMs) : folded;
}

function selectedRoot(state: UiState, { board }: Moment): string | undefined {
  const row = screenBoard(board, state).rows.find(({ key }) => key === state.selectedKey);
  return row?.branch?.rootKey;
}
