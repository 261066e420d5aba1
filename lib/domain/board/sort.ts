import type { SortValue } from '../table/column-record.ts';
import { type ColumnId, findColumn } from '../table/columns.ts';
import { attentionRank, attentionTime } from './attention.ts';
import type { Row } from './board.ts';
import { isSubagentRow } from './tree.ts';

/** The column and the direction of the table's order. */
export interface SortOrder {
  readonly column: ColumnId;
  readonly descending: boolean;
}

/** The default order: the most urgent rows first. */
export const attentionFirst: SortOrder = { column: 'status', descending: false };

/** The sorted rows. Ties are broken by attention and then by key, so that the order is always the same. */
export function sortRows(rows: readonly Row[], order: SortOrder, nowMs: number): Row[] {
  const column = findColumn(order.column);
  const direction = order.descending ? -1 : 1;
  return [...rows].sort(
    (a, b) =>
      (column ? compareValues(column.value(a, nowMs), column.value(b, nowMs), direction) : 0) ||
      compareAttention(a, b) ||
      compareText(a.key, b.key),
  );
}

/** Unknown values come last in both directions. */
function compareValues(a: SortValue, b: SortValue, direction: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * direction;
  return compareText(String(a).toLowerCase(), String(b).toLowerCase()) * direction;
}

function compareAttention(a: Row, b: Row): number {
  return attentionRank(a) - attentionRank(b) || attentionTime(a) - attentionTime(b);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The keys of the rows in their visible order. With `hold` the visible rows keep their order, and new ones come last.
 */
export function arrange(
  rows: readonly Row[],
  shown: readonly string[],
  order: SortOrder,
  hold: boolean,
  nowMs: number,
): string[] {
  const subagents = rows.filter(isSubagentRow);
  const roots = subagents.length > 0 ? rows.filter((row) => !isSubagentRow(row)) : rows;
  const sorted = sortRows(roots, order, nowMs).map((row) => row.key);
  if (!hold) return withSubagents(sorted, subagents);
  const present = new Set(sorted);
  const before = new Set(shown);
  const held = [...shown.filter((key) => present.has(key)), ...sorted.filter((key) => !before.has(key))];
  return withSubagents(held, subagents);
}

/** Adds the subagents of each root after it, in the order of `subagents`: newest first, each followed by its own. */
function withSubagents(roots: readonly string[], subagents: readonly Row[]): string[] {
  if (subagents.length === 0) return [...roots];
  const byRoot = new Map<string, string[]>();
  for (const { key, treePosition } of subagents) {
    const family = byRoot.get(treePosition?.rootKey ?? '');
    if (family) family.push(key);
    else byRoot.set(treePosition?.rootKey ?? '', [key]);
  }
  return roots.flatMap((key) => [key, ...(byRoot.get(key) ?? [])]);
}
