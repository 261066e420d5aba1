import type { Board, Row } from '../domain/board/board.ts';
import { keysInSight } from '../domain/board/tree.ts';
import { otherHosts } from '../domain/process/whereabouts.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import type { GitBranches } from '../sources/git-branch.ts';

/**
 * The Board with the git branches of those rows whose branch is on the screen; of all rows where they are sorted or
 * filtered by it. Where nobody looks at a branch, nothing is read; where none changed, the same Board comes back.
 */
export function withBranchNames(board: Board, ui: UiState, git: GitBranches, nowMs: number): Board {
  const { filter, sort, viewport } = ui;
  if (sort.column === 'branch' || filter?.fields.has('branch')) return withAllBranchNames(board, git, nowMs);
  if (!viewport.tableColumns.includes('branch')) return board;
  const shown = keysInSight(ui);
  return named(board, git, nowMs, ({ key }) => shown.has(key));
}

/** The Board with the git branches of all rows; the same Board where none changed. */
export function withAllBranchNames(board: Board, git: GitBranches, nowMs: number): Board {
  return named(board, git, nowMs, () => true);
}

function named(board: Board, git: GitBranches, nowMs: number, isWanted: (row: Row) => boolean): Board {
  const remote = otherHosts(board);
  const rows = board.rows.map((row) => {
    const path = row.session?.directoryPath ?? row.process?.cwd;
    if (path === undefined || remote.has(row.host) || !isWanted(row)) return row;
    const branchName = git.of(path, nowMs);
    return branchName === undefined || branchName === row.branchName ? row : { ...row, branchName };
  });
  return rows.every((row, index) => row === board.rows[index]) ? board : { ...board, rows };
}
