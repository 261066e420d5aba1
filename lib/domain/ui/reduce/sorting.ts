import { sanitize } from '../../../text/sanitize.ts';
import type { SortOrder } from '../../board/sort.ts';
import { type ColumnId, columns, findColumn } from '../../table/columns.ts';
import type { Menu } from '../menu.ts';
import type { UiState } from '../ui-state.ts';
import { rearrange } from './selection.ts';
import { type Moment, type Reducers, still } from './step.ts';

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
