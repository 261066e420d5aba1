import type { Board } from './board.ts';
import type { UiState } from './ui-state.ts';

/** The keys of the rows that the table showed last. */
export function keysInSight({ order, viewport }: UiState): ReadonlySet<string> {
  return new Set(order.slice(viewport.tableTop, viewport.tableTop + viewport.tableRows));
}

/** The names of other machines and of named servers: none of their files and panes is here. */
export function otherHosts({ hosts }: Pick<Board, 'hosts'>): ReadonlySet<string> {
  return new Set(hosts.map(({ name }) => name));
}
