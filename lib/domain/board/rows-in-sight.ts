import type { UiState } from '../ui/ui-state.ts';

/** The keys of the rows that the table showed last. */
export function keysInSight({ order, viewport }: UiState): ReadonlySet<string> {
  return new Set(order.slice(viewport.tableTop, viewport.tableTop + viewport.tableRows));
}
