import type { Board, Row, Subagent } from './board.ts';
import type { RowHighlights } from './row-highlights.ts';

/** The state that decides which rows the table can show. */
interface TableState {
  /** The Board of the moment when the user paused otop. */
  readonly frozen?: Board;
  readonly highlights?: RowHighlights;
  /** True if subagents have their own rows under their parents. */
  readonly tree: boolean;
  /** The keys of the roots with hidden subagents. */
  readonly folded: readonly string[];
}

/**
 * The Board with all rows that the table can show: the frozen Board while otop is paused, else with the rows that
 * disappeared a moment ago. In the tree, subagents have their own rows.
 */
export function screenBoard(board: Board, table: TableState): Board {
  const current = table.frozen ?? withGone(board, table.highlights?.gone ?? []);
  if (!table.tree) return current;
  const folded = new Set(table.folded);
  return { ...current, rows: current.rows.flatMap((row) => family(row, folded.has(row.key))) };
}

/** Adds the rows that disappeared a moment ago and did not come back. */
function withGone(board: Board, gone: readonly Row[]): Board {
  if (gone.length === 0) return board;
  const present = new Set(board.rows.map(({ key }) => key));
  return { ...board, rows: [...board.rows, ...gone.filter(({ key }) => !present.has(key))] };
}

/** A row and the rows of its subagents, unless these are folded. */
function family(root: Row, isFolded: boolean): Row[] {
  if (root.children.length === 0) return [root];
  const hidden = isFolded ? root.children.length : 0;
  const rows = isFolded ? [] : root.children.map((child) => subagentRow(root, child));
  return [{ ...root, treePosition: { rootKey: root.key, depth: 0, hidden } }, ...rows];
}

/** A subagent's row, with the process of its root. */
function subagentRow(root: Row, { session, state, depth, context = {}, cost }: Subagent): Row {
  return {
    key: session.id,
    host: root.host,
    ...(root.process && { process: root.process }),
    session,
    state,
    context,
    ...(cost !== undefined && { cost: { own: cost, total: cost } }),
    children: [],
    treePosition: { rootKey: root.key, depth, hidden: 0 },
  };
}

/** True for a subagent's row in the tree. */
export function isSubagentRow({ treePosition }: Row): boolean {
  return treePosition !== undefined && treePosition.depth > 0;
}

/** The table in the last frame. */
interface ShownTable {
  /** The keys of all rows, in order. */
  readonly order: readonly string[];
  /** The index of the first visible row, and the number of rows that fit. */
  readonly viewport: { readonly tableTop: number; readonly tableRows: number };
}

/** The keys of the visible rows in the last frame. */
export function keysInSight({ order, viewport }: ShownTable): ReadonlySet<string> {
  return new Set(order.slice(viewport.tableTop, viewport.tableTop + viewport.tableRows));
}
