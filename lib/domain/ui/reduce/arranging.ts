import { sanitize } from '../../../text/sanitize.ts';
import type { SortOrder } from '../../board/sort.ts';
import { screenBoard } from '../../board/tree.ts';
import { type ColumnId, columns, findColumn } from '../../table/columns.ts';
import type { Menu } from '../action.ts';
import type { UiState } from '../ui-state.ts';
import { rearrange, select } from './selection.ts';
import { noEffects, noticed, type ReduceInput, type Reducers, type Step } from './step.ts';

/** Reducers of the sort order. */
export const sortingReducers: Reducers<'sort-step' | 'sort-flip' | 'sort-by' | 'sort-menu'> = {
  'sort-step': (state, { step }, input) => noEffects(resort(state, stepSort(state.sort, step), input)),
  'sort-flip': (state, _action, input) =>
    noEffects(resort(state, { ...state.sort, descending: !state.sort.descending }, input)),
  'sort-by': (state, { column }, input) => noEffects(resort(state, sortBy(state.sort, column), input)),
  'sort-menu': (state) => noEffects({ ...state, menu: sortMenu(state.sort) }),
};

function resort(state: UiState, sort: SortOrder, input: ReduceInput): UiState {
  return rearrange({ ...state, sort }, input);
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

/** A menu of all columns with the cursor on the current sort column. Choosing that one reverses the order. */
function sortMenu(sort: SortOrder): Menu {
  const direction = sort.descending ? 'descending' : 'ascending';
  return {
    title: sanitize('sort by'),
    items: columns.map(({ id, help }) => ({
      label: sanitize(id),
      detail: sanitize(help),
      action: { type: 'sort-by', column: id },
      ...(id === sort.column && { indicator: direction }),
    })),
    selected: Math.max(
      0,
      columns.findIndex(({ id }) => id === sort.column),
    ),
  };
}

/** Reducers of the subagent tree. */
export const treeReducers: Reducers<'tree' | 'fold'> = {
  tree: (state, _action, input) => toggleTree(state, input),
  fold: (state, { away }, input) => fold(state, away, input),
};

function toggleTree(state: UiState, input: ReduceInput): Step {
  const rootKey = selectedRoot(state, input);
  const toggled: UiState = { ...state, tree: !state.tree, folded: [] };
  const shown = screenBoard(input.board, toggled);
  const next = rearrange(toggled, { ...input, shown });
  const settled = rootKey === undefined || next.tree ? next : select(next, rootKey, input.nowMs);
  const words = settled.tree
    ? 'subagents are shown under their parents'
    : 'subagents are no longer shown under their parents';
  return noEffects(noticed(settled, sanitize(words), input.nowMs), shown);
}

/** Folds or unfolds the selected root's subagents. Folding selects the root, since its row stays. */
function fold(state: UiState, away: boolean, input: ReduceInput): Step {
  const rootKey = selectedRoot(state, input);
  if (rootKey === undefined) return noEffects(state);
  const others = state.folded.filter((key) => key !== rootKey);
  const folded: UiState = { ...state, folded: away ? [...others, rootKey] : others };
  const shown = screenBoard(input.board, folded);
  const next = rearrange(folded, { ...input, shown });
  return noEffects(away ? select(next, rootKey, input.nowMs) : next, shown);
}

function selectedRoot(state: UiState, { shown }: ReduceInput): string | undefined {
  const row = shown.rows.find(({ key }) => key === state.selectedKey);
  return row?.treePosition?.rootKey;
}
