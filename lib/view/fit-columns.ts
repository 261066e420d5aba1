import { type Column, corePriority } from '../domain/table/columns.ts';

/** One column, or two above each other, with their width in cells. */
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
  readonly good: number;
  readonly max: number;
  readonly priority: number;
}

/**
 * Chooses the columns that fit into `cells`, and their widths. Core columns get their minimum width and grow to a good
 * one; then the others get a good width by priority; remaining cells widen all in the same order.
 */
export function fitColumns(columns: readonly Column[], cells: number, twoLines: boolean): Slot[] {
  const candidates = twoLines ? stack(columns) : columns.map((column) => candidate(column));
  const ranked = [...candidates].sort((a, b) => a.priority - b.priority);
  const isCore = (each: Candidate) => each.priority <= corePriority;
  const fitting = new Fitting(cells);
  // The two columns with the best priority are always shown, even below their minimum width.
  for (const each of ranked.slice(0, 2)) fitting.add(each, Math.min(each.min, fitting.roomForNext()));
  for (const each of ranked.slice(2).filter(isCore)) fitting.add(each, each.min);
  for (const each of ranked.filter(isCore)) fitting.grow(each, each.good);
  for (const each of ranked.filter((other) => !isCore(other))) fitting.add(each, each.good);
  for (const each of ranked) fitting.grow(each, each.max);
  return candidates.flatMap((each) => {
    const width = fitting.widths.get(each);
    return width === undefined ? [] : [slot(each, width)];
  });
}

/** The widths assigned so far, and the remaining cells. */
class Fitting {
  readonly widths = new Map<Candidate, number>();
  #room: number;

  constructor(cells: number) {
    this.#room = cells;
  }

  roomForNext(): number {
    return this.#room - (this.widths.size === 0 ? 0 : columnGap);
  }

  add(column: Candidate, width: number): void {
    const room = this.roomForNext();
    if (width < 1 || width > room) return;
    this.widths.set(column, width);
    this.#room = room - width;
  }

  grow(column: Candidate, maxCells: number): void {
    const width = this.widths.get(column);
    if (width === undefined || width >= maxCells) return;
    const grown = Math.min(maxCells, width + this.#room);
    this.widths.set(column, grown);
    this.#room -= grown - width;
  }
}

function slot(of: Candidate, width: number): Slot {
  return of.bottom ? { top: of.top, bottom: of.bottom, width } : { top: of.top, width };
}

function candidate(top: Column, bottom?: Column): Candidate {
  const all = bottom ? [top, bottom] : [top];
  const maxOf = (pick: (column: Column) => number) => Math.max(...all.map(pick));
  const own = {
    min: maxOf((column) => Math.max(column.width.min, column.align === 'right' ? column.title.length : 0)),
    good: maxOf((column) => column.width.good),
    max: maxOf((column) => column.width.max),
    priority: Math.min(...all.map((column) => column.priority)),
  };
  return bottom ? { top, bottom, ...own } : { top, ...own };
}

/** Pairs each column with the one shown beneath it. A column whose upper column is hidden gets its own slot. */
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
