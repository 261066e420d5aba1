import type { Column } from '../domain/columns.ts';

/** Columns that stand above each other, and the cells they got. */
export interface Slot {
  readonly top: Column;
  readonly bottom?: Column;
  readonly width: number;
}

/** Cells between two columns. */
export const columnGap = 1;

interface Candidate {
  readonly top: Column;
  readonly bottom?: Column;
  readonly min: number;
  readonly max: number;
  readonly priority: number;
}

/**
 * Which columns fit into so many cells, and how wide each is: those of the best priority come in with their least
 * width while there is room, then they grow to their greatest in the same order. The first one is always there.
 */
export function fitColumns(columns: readonly Column[], cells: number, twoLines: boolean): Slot[] {
  const candidates = twoLines ? stack(columns) : columns.map((column) => candidate(column));
  const ranked = [...candidates].sort((a, b) => a.priority - b.priority);
  const widths = new Map<Candidate, number>();
  let room = cells;
  for (const each of ranked) {
    const gap = widths.size === 0 ? 0 : columnGap;
    // The two best stay at any width, however little is left for them.
    const width = widths.size < 2 ? Math.min(each.min, room - gap) : each.min;
    if (width < 1 || width + gap > room) continue;
    widths.set(each, width);
    room -= width + gap;
  }
  for (const each of ranked) {
    const width = widths.get(each);
    if (width === undefined) continue;
    const grown = Math.min(Math.max(each.max, width), width + room);
    widths.set(each, grown);
    room -= grown - width;
  }
  return candidates.flatMap((each) => {
    const width = widths.get(each);
    return width === undefined ? [] : [slot(each, width)];
  });
}

function slot(of: Candidate, width: number): Slot {
  return of.bottom ? { top: of.top, bottom: of.bottom, width } : { top: of.top, width };
}

function candidate(top: Column, bottom?: Column): Candidate {
  const all = bottom ? [top, bottom] : [top];
  const most = (pick: (column: Column) => number) => Math.max(...all.map(pick));
  const own = {
    min: most((column) => Math.max(column.width.min, column.align === 'right' ? column.title.length : 0)),
    max: most((column) => column.width.max),
    priority: Math.min(...all.map((column) => column.priority)),
  };
  return bottom ? { top, bottom, ...own } : { top, ...own };
}

/** Pairs each column with the one that goes beneath it; without its upper one, a column stands on its own. */
function stack(columns: readonly Column[]): Candidate[] {
  const present = new Set<string>(columns.map((column) => column.id));
  const below = new Map(
    columns.flatMap((column) =>
      column.under && present.has(column.under) ? [[column.under, column] as const] : [],
    ),
  );
  const stacked = new Set<Column>(below.values());
  return columns
    .filter((column) => !stacked.has(column))
    .map((column) => candidate(column, below.get(column.id)));
}
