import type { Row } from '../board/board.ts';
import { type Measure, measures } from './measures.ts';

/** The value that a column sorts by. Numbers sort by size, text by letter; undefined sorts last in both directions. */
export type SortValue = number | string | undefined;

/**
 * The whole definition of one column. The header, `--sort`, the filter fields, the help screen and the reference read these
 * records, so a new column is one new record.
 */
export interface ColumnRecord {
  /** Printed in the table's header. A right-aligned core column (see `priority`) has room for its whole title. */
  readonly title: string;
  readonly help: string;
  readonly align: 'left' | 'right';
  /** `end` cuts a text that does not fit at its start; by default its end is cut. */
  readonly keeps?: 'end';
  /** Widths in cells. Only a core column can be narrower than `good`, down to `min`; every column can grow to `max`. */
  readonly width: { readonly min: number; readonly good: number; readonly max: number };
  /**
   * A narrow terminal drops the highest number first. Columns up to `corePriority` are the core; the first two
   * may become narrower than `min`.
   */
  readonly priority: number;
  /** Id of the column above it: in the two-line layout this column is shown on the second line. */
  readonly under?: string;
  /** Adds a label to the value on the second line, which has no header. */
  readonly withLabel?: (text: string) => string;
  /** True if sorting by this column starts with the largest value. */
  readonly descending: boolean;
  /** The unit of a number; undefined for text. */
  readonly measure?: Measure;
  /** More names in a filter, besides its id and its title. */
  readonly aliases?: readonly string[];
  /** A filter word without a field is searched in this column. */
  readonly searched?: true;
  /** The texts that a filter compares, if they differ from the value. */
  readonly filterTexts?: (row: Row) => readonly (string | undefined)[];
  /** Every text that is possible, if the set is closed. The filter reports any other text as a mistake. */
  readonly choices?: readonly string[];
  /** The raw value for sorting and filtering, not the shown text. */
  readonly value: (row: Row, nowMs: number) => SortValue;
  /** The shown text; empty if the value is unknown. */
  readonly text: (row: Row, nowMs: number) => string;
}

type ColumnSpec<V extends number | string> = Omit<ColumnRecord, 'value' | 'text'> & {
  readonly value: (row: Row, nowMs: number) => V | undefined;
  /** The shown text of a known value. By default the measure formats it, or a text is shown unchanged. */
  readonly format?: (value: V, row: Row, nowMs: number) => string;
};

/** Makes a column's record: one place turns an unknown value into an empty text. */
export function column<const I extends string, V extends number | string>(
  id: I,
  spec: ColumnSpec<V>,
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
