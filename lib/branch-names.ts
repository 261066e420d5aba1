import type { Board, Row } from './domain/board.ts';
import type { UiState } from './domain/ui-state.ts';
import type { GitBranches } from './sources/git-branch.ts';

/**
 * The Board with the git branches of those rows whose branch is on the screen; of all rows where they are sorted or
 * filtered by it. Where nobody looks at a branch, nothing is
 * read; where none changed, the same Board comes back.
 */
export function withBranchNames(board: Board, ui: UiState, git: GitBranches, nowMs: number): Board {
  const { filter, order, sort, viewport } = ui;
  const ofAll = sort.column === 'branch' || filter?.text.includes('branch') === true;
  if (!ofAll && !viewport.tableColumns.includes('branch')) return board;
  const shown = new Set(order.slice(viewport.tableTop, viewport.tableTop + viewport.tableRows));
  const remote = new Set(board.hosts.map(({ name }) => name));
  const named = (row: Row): Row => {
    const path = row.session?.directoryPath ?? row.process?.cwd;
    if (path === undefined || remote.has(row.host) || (!ofAll && !shown.has(row.key))) return row;
    const branchName = git.of(path, nowMs);
    return branchName === undefined || branchName === row.branchName ? row : { ...row, branchName };
  };
  const rows = board.rows.map(named);
  return rows.every((row, index) => row === board.rows[index]) ? board : { ...board, rows };
}
