import type { Board, Row } from '../domain/board/board.ts';
import { otherHosts } from '../domain/process/whereabouts.ts';
import type { GitBranches } from '../sources/git-branch.ts';

/** The Board with the git branches of this machine's rows, all or those that are wanted; the same Board if none changed. */
export function withBranchNames(
  board: Board,
  git: Pick<GitBranches, 'of'>,
  nowMs: number,
  isWanted: (row: Row) => boolean = () => true,
): Board {
  const remote = otherHosts(board);
  const rows = board.rows.map((row) => {
    const path = row.session?.directoryPath ?? row.process?.cwd;
    if (path === undefined || remote.has(row.host) || !isWanted(row)) return row;
    const branchName = git.of(path, nowMs);
    return branchName === undefined || branchName === row.branchName ? row : { ...row, branchName };
  });
  return rows.every((row, index) => row === board.rows[index]) ? board : { ...board, rows };
}
