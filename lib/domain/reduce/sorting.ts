import { type ColumnId, columns, findColumn } from '../columns.ts';
import { arrange, type SortOrder } from '../sort.ts';
import type { UiState } from '../ui-state.ts';
import { type Moment, type Reducers, shownRows, still } from './step.ts';

/** What the table is sorted by. */
export const sortingReducers: Reducers<'sort-step' | 'sort-flip' | 'sort-by'> = {
  'sort-step': (state, { step }, moment) => still(resort(state, stepSort(state.sort, step), moment)),
  'sort-flip': (state, _action, moment) =>
    still(resort(state, { ...state.sort, descending: !state.sort.descending }, moment)),
  'sort-by': (state, { column }, moment) => still(resort(state, sortBy(state.sort, column), moment)),
};

function resort(state: UiState, sort: SortOrder, { board, nowMs }: Moment): UiState {
  return { ...state, sort, order: arrange(shownRows(state, board), state.order, sort, false, nowMs) };
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
