import type { Board, Row, Subagent } from './board.ts';
import type { RowHighlights } from './row-highlights.ts';

/** What decides which rows can be on the screen. */
interface Sight {
  /** The Board that stays on the screen while otop is paused. */
  readonly frozen?: Board;
  readonly highlights?: RowHighlights;
  /** Subagents stand under their parents, but for the roots named. */
  readonly tree: boolean;
  readonly folded: readonly string[];
}

/**
 * The Board whose rows can be on the screen: while otop is paused the frozen one, else with those that just went; with
 * the tree, subagents have rows of their own.
 */
export function screenBoard(board: Board, sight: Sight): Board {
  const current = sight.frozen ?? withGone(board, sight.highlights?.gone ?? []);
  if (!sight.tree) return current;
  const folded = new Set(sight.folded);
  return { ...current, rows: current.rows.flatMap((row) => family(row, folded.has(row.key))) };
}

/** Rows that went stay for a moment, unless they came back meanwhile. */
function withGone(board: Board, gone: readonly Row[]): Board {
  if (gone.length === 0) return board;
  const present = new Set(board.rows.map(({ key }) => key));
  return { ...board, rows: [...board.rows, ...gone.filter(({ key }) => !present.has(key))] };
}

/** A row and, unless they are folded away, those of its subagents. */
function family(root: Row, isFolded: boolean): Row[] {
  if (root.children.length === 0) return [root];
  const hidden = isFolded ? root.children.length : 0;
  const rows = isFolded ? [] : root.children.map((child) => subagentRow(root, child));
  return [{ ...root, branch: { rootKey: root.key, depth: 0, hidden } }, ...rows];
}

/** A subagent's row: its root's process runs it. */
function subagentRow(root: Row, { session, state, depth }: Subagent): Row {
  const { contextTokens, cost } = session;
  return {
    key: session.id,
    host: root.host,
    ...(root.process && { process: root.process }),
    session,
    state,
    context: contextTokens === undefined ? {} : { usedTokens: contextTokens },
    // 0 is what opencode writes where it knows no price.
    ...(cost !== undefined && cost > 0 && { cost: { own: cost, total: cost } }),
    children: [],
    branch: { rootKey: root.key, depth, hidden: 0 },
  };
}

/** True for a subagent's row in the tree. */
export function isBranch({ branch }: Row): boolean {
  return branch !== undefined && branch.depth > 0;
}

/** The table as it was shown last. */
interface ShownTable {
  /** Keys of all its rows, first to last. */
  readonly order: readonly string[];
  /** Its first row in sight, and how many rows fit. */
  readonly viewport: { readonly tableTop: number; readonly tableRows: number };
}

/** The keys of the rows that the table showed last. */
export function keysInSight({ order, viewport }: ShownTable): ReadonlySet<string> {
  return new Set(order.slice(viewport.tableTop, viewport.tableTop + viewport.tableRows));
}
