import type { Options } from '../config/options.ts';
import type { Board, Row, Trouble } from '../domain/board/board.ts';
import { visibleRows } from '../domain/board/build-board.ts';
import { keysInSight } from '../domain/board/tree.ts';
import { otherHosts } from '../domain/process/whereabouts.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import type { GitBranches } from '../sources/git-branch.ts';
import type { StreamedLines } from './streamed-lines.ts';

/** Adds to the Board of a Monitor what only a screen shows. */
export interface Enricher {
  /** Once for each Board, before its rows are put in order: the Board with all that the screen adds to it. */
  enrich(board: Board, ui: UiState, troubles: readonly Trouble[]): Board;
  /** Once for each frame, as soon as it is laid out: the Board with the branches of rows that only now came into sight. */
  nameBranches(board: Board, ui: UiState, nowMs: number): Board;
}

/** Where the additions come from. */
interface EnrichSources {
  readonly options: Pick<Options, 'includeNoninteractive'>;
  readonly git: Pick<GitBranches, 'of'>;
  /** Absent for a single frame, and for the simulated fleet, whose panes do not exist. */
  readonly streamed?: Pick<StreamedLines, 'on'>;
  /** False while the file system owes an answer: no branch is read then. */
  readonly mayRead?: () => boolean;
}

/** Reads branches and streamed lines for the rows in sight only: for all rows they would cost too much. */
export class BoardEnricher implements Enricher {
  readonly #sources: EnrichSources;

  constructor(sources: EnrichSources) {
    this.#sources = sources;
  }

  /**
   * The visible rows of the Board, with branches and streamed lines of those that the last frame had in sight, and with these
   * troubles before its own.
   */
  enrich(board: Board, ui: UiState, troubles: readonly Trouble[]): Board {
    const { options, streamed } = this.#sources;
    const visible = visibleRows(board, { ...options, all: ui.all });
    const named = this.nameBranches(visible, ui, board.atMs);
    const whole = streamed?.on(named, ui) ?? named;
    return { ...whole, troubles: [...troubles, ...whole.troubles] };
  }

  /**
   * The Board with the branches of rows in sight that have none yet; of all rows if the screen is sorted or filtered by branch.
   * Gives the same object if there is nothing new.
   */
  nameBranches(board: Board, ui: UiState, nowMs: number): Board {
    const { git, mayRead } = this.#sources;
    const isAsked = branchesAsked(ui);
    const isWanted = (row: Row) => row.branchName === undefined && isAsked(row);
    if (!board.rows.some(isWanted) || mayRead?.() === false) return board;
    return withBranchNames(board, git, nowMs, isWanted);
  }
}

/** Whether the screen shows a row's branch, or is sorted or filtered by it. */
function branchesAsked(ui: UiState): (row: Row) => boolean {
  const { filter, sort, viewport } = ui;
  if (sort.column === 'branch' || filter?.fields.has('branch')) return () => true;
  if (!viewport.tableColumns.includes('branch')) return () => false;
  const inSight = keysInSight(ui);
  return ({ key }) => inSight.has(key);
}

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
