import { sanitize } from '../../text/sanitize.ts';
import { type Settings, type SomeSettings, themeNames, themes } from '../schema/configuration.ts';
import { type ColumnId, columnIds, findColumn } from '../table/columns.ts';
import type { Action, Menu, MenuItem, SetupPlace } from './action.ts';

/** Returns a page of the setup menu (F2). A change applies at once, and is saved when the main page is closed. */
export function setupMenu(settings: Settings, place: SetupPlace): Menu {
  const page = pages[place.page](settings);
  const back: Action =
    place.page === 'main'
      ? { type: 'setup-done' }
      : { type: 'setup-page', place: { page: 'main', selected: page.from } };
  const selected = Math.max(0, Math.min(place.selected, page.items.length - 1));
  return { title: sanitize(page.title), items: page.items, selected, back };
}

interface Page {
  readonly title: string;
  readonly items: readonly MenuItem[];
  /** Index of its item on the main page. */
  readonly from: number;
}

const pages: Readonly<Record<SetupPlace['page'], (settings: Settings) => Page>> = {
  main: mainPage,
  columns: columnsPage,
  theme: themePage,
  sort: sortPage,
};

function set(patch: SomeSettings, place: SetupPlace): Action {
  return { type: 'set', patch, place };
}

function mainPage({ columns, theme, sort, layout, delay, mouse, ascii, ticker }: Settings): Page {
  const rows = ['auto', 'one', 'two'] as const;
  const items: readonly ((selected: number) => MenuItem)[] = [
    pageItem('columns', `${columns.length} of ${columnIds.length} shown`, 'columns'),
    pageItem('theme', theme, 'theme'),
    pageItem('sort by', sort.column + (sort.descending ? ', descending' : ''), 'sort'),
    stepped('lines a session', layout.rows, (by) => ({ layout: { rows: around(rows, layout.rows, by) } })),
    switched('gauges', layout.gauges, (gauges) => ({ layout: { gauges } })),
    switched('detail beneath', layout.detail, (detail) => ({ layout: { detail } })),
    stepped('table height', `up to ${layout.tablePercent}%`, (by) => ({
      layout: { tablePercent: clamp(layout.tablePercent + 5 * by, 20, 90) },
    })),
    stepped('delay', `${delay} s`, (by) => ({
      delay: clamp(Math.round((delay + by * 0.2) * 10) / 10, 0.2, 60),
    })),
    switched('mouse', mouse, (next) => ({ mouse: next })),
    switched('ASCII only', ascii, (next) => ({ ascii: next })),
    switched('ticker', ticker, (next) => ({ ticker: next })),
    () => ({ label: sanitize('save and close'), action: { type: 'setup-done' } }),
    () => ({ label: sanitize('undo all of this'), action: { type: 'setup-undo' } }),
  ];
  return { title: 'setup', items: items.map((item, index) => item(index)), from: 0 };
}

function pageItem(label: string, detail: string, page: SetupPlace['page']) {
  return (): MenuItem => ({
    label: sanitize(label),
    detail: sanitize(detail),
    action: { type: 'setup-page', place: { page, selected: 0 } },
  });
}

function stepped(label: string, detail: string, patch: (by: 1 | -1) => SomeSettings) {
  return (selected: number): MenuItem => {
    const more = set(patch(1), { page: 'main', selected });
    const less = set(patch(-1), { page: 'main', selected });
    return { label: sanitize(label), detail: sanitize(detail), action: more, more, less };
  };
}

function switched(label: string, on: boolean, patch: (next: boolean) => SomeSettings) {
  return (selected: number): MenuItem => ({
    label: sanitize(label),
    indicator: on ? 'on' : 'off',
    action: set(patch(!on), { page: 'main', selected }),
  });
}

/** Shown columns in their order, then hidden ones. Left and Right move a shown column. */
function columnsPage({ columns }: Settings): Page {
  const all = [...columns, ...columnIds.filter((id) => !columns.includes(id))];
  const items = all.map((id, selected): MenuItem => {
    const isShown = columns.includes(id);
    const toggled = isShown ? columns.filter((each) => each !== id) : [...columns, id];
    const move = (by: 1 | -1) => {
      const target = selected + by;
      if (!isShown || target < 0 || target >= columns.length) return undefined;
      return set({ columns: moved(columns, selected, target) }, { page: 'columns', selected: target });
    };
    const [less, more] = [move(-1), move(1)];
    return {
      label: sanitize(id),
      detail: sanitize(findColumn(id)?.help ?? ''),
      indicator: isShown ? 'on' : 'off',
      action: set({ columns: toggled }, { page: 'columns', selected }),
      ...(less && { less }),
      ...(more && { more }),
    };
  });
  return { title: 'columns: Enter shows and hides, Left and Right move', items, from: 0 };
}

function moved(columns: readonly ColumnId[], from: number, to: number): ColumnId[] {
  const rest = columns.filter((_id, index) => index !== from);
  return [...rest.slice(0, to), ...columns.slice(from, from + 1), ...rest.slice(to)];
}

function themePage({ theme }: Settings): Page {
  const items = themes.map(
    ({ name, help }, selected): MenuItem => ({
      label: sanitize(name),
      detail: sanitize(help),
      ...(name === theme && { indicator: 'chosen' }),
      action: set({ theme: name }, { page: 'theme', selected }),
      more: set({ theme: around(themeNames, name, 1) }, themePlace(selected, 1)),
      less: set({ theme: around(themeNames, name, -1) }, themePlace(selected, -1)),
    }),
  );
  return { title: 'theme', items, from: 1 };
}

function themePlace(selected: number, by: 1 | -1): SetupPlace {
  return { page: 'theme', selected: (selected + by + themeNames.length) % themeNames.length };
}

function sortPage({ sort }: Settings): Page {
  const items = columnIds.map((column, selected): MenuItem => {
    const isCurrent = column === sort.column;
    const descending = isCurrent ? !sort.descending : (findColumn(column)?.descending ?? false);
    return {
      label: sanitize(column),
      detail: sanitize(findColumn(column)?.help ?? ''),
      ...(isCurrent && { indicator: sort.descending ? 'descending' : 'ascending' }),
      action: set({ sort: { column, descending } }, { page: 'sort', selected }),
    };
  });
  return { title: 'sort by', items, from: 2 };
}

function around<T>(all: readonly T[], now: T, by: 1 | -1): T {
  return all[(all.indexOf(now) + by + all.length) % all.length] ?? now;
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value));
}
