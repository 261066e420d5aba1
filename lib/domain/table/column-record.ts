import type { Row } from '../board/board.ts';
import { type Measure, measures } from './measures.ts';

/** What a column sorts by: numbers by size, text by letters, unknown always last. */
export type SortValue = number | string | undefined;

/**
 * Everything there is to know about one column. The header, `--sort` and its help, the help screen and the README are
 * made from these records: a new column is one new record.
 */
export interface ColumnRecord {
  /** In the table's header; its width counts into the column's. */
  readonly title: string;
  readonly help: string;
  readonly align: 'left' | 'right';
  /** Which end of a text stays where it does not fit; its start unless told. */
  readonly keeps?: 'end';
  /** Cells: never narrower while it is shown, easy to read, never wider. */
  readonly width: { readonly min: number; readonly good: number; readonly max: number };
  /** 1 stays longest when the terminal gets narrow; up to `corePriority` a column is there even in its least width. */
  readonly priority: number;
  /** In the two-line layout it is shown on the second line, beneath this column. */
  readonly under?: string;
  /** Words around the value there, where no title says what it is. */
  readonly named?: (text: string) => string;
  /** The order when the column is picked for sorting: largest first, or smallest first. */
  readonly descending: boolean;
  /** What its numbers count; absent for text. */
  readonly measure?: Measure;
  /** Further names in a filter, besides its id and its title. */
  readonly also?: readonly string[];
  /** A word without a field is looked for here. */
  readonly searched?: true;
  /** The texts that a filter compares, where they are not the value itself. */
  readonly words?: (row: Row) => readonly (string | undefined)[];
  /** All of these texts, where no others can be: a filter for another one is wrong, and not just empty. */
  readonly choices?: readonly string[];
  /** Raw, for sorting; never the shown text. */
  readonly value: (row: Row, nowMs: number) => SortValue;
  /** As shown; empty where unknown. */
  readonly text: (row: Row, nowMs: number) => string;
}

type Spec<V extends number | string> = Omit<ColumnRecord, 'value' | 'text'> & {
  readonly value: (row: Row, nowMs: number) => V | undefined;
  /** Absent where the measure says it, and for text that is shown as it is. */
  readonly format?: (value: V, row: Row, nowMs: number) => string;
};

/** Joins a raw value and its format, so that "unknown" is decided in one place. */
export function column<const I extends string, V extends number | string>(
  id: I,
  spec: Spec<V>,
): ColumnRecord & { readonly id: I } {
  const { format, ...rest } = spec;
  const { measure } = rest;
  const text = (row: Row, nowMs: number): string => {
    const value = spec.value(row, nowMs);
    if (value === undefined) return '';
    if (format) return format(value, row, nowMs);
    return typeof value === 'number' && measure ? measures[measure].format(value) : String(value);
  };
  return { ...rest, id, text };
}
