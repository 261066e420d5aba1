import type { Options } from '../config/options.ts';
import type { Board, Row, Trouble } from '../domain/board/board.ts';
import { visibleRows } from '../domain/board/build-board.ts';
import { keysInSight } from '../domain/board/tree.ts';
import { otherHosts } from '../domain/process/whereabouts.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import type { GitBranches } from '../sources/git-branch.ts';
import type { StreamedLines } from './streamed-lines.ts';

/** Adds to a Monitor's Board the facts that only the screen shows. */
export interface Enricher {
  /** Called once per Board, before its rows are sorted. Returns the Board with all additions. */
  enrich(board: Board, ui: UiState, troubles: readonly Trouble[]): Board;
  /** Called once per frame, after the layout. Returns the Board with the branches of rows that became visible. */
  nameBranches(board: Board, ui: UiState, nowMs: number): Board;
}

/** The sources of the additions. */
interface EnrichSources {
  readonly options: Pick<Options, 'includeNoninteractive'>;
  readonly git: Pick<GitBranches, 'of'>;
  /** Absent for a single frame and for the simulated fleet, which has no tmux panes. */
  readonly streamed?: Pick<StreamedLines, 'addTo'>;
  /** False while the file system does not respond; no branch is read then. */
  readonly mayRead?: () => boolean;
}

/**
 * Reads streamed lines for visible rows only, since reading them for all rows would cost too much. Reads branches for
 * visible rows, or for all rows if the screen is sorted or filtered by branch.
 */
export class BoardEnricher implements Enricher {
  readonly #sources: EnrichSources;

  constructor(sources: EnrichSources) {
    this.#sources = sources;
  }

  /**
   * Returns the Board without the rows that the options hide, with branches and streamed lines for the rows of the
   * last frame, and with `troubles` before its own troubles.
   */
  enrich(board: Board, ui: UiState, troubles: readonly Trouble[]): Board {
    const { options, streamed } = this.#sources;
    const visible = visibleRows(board, { ...options, all: ui.all });
    const named = this.nameBranches(visible, ui, board.atMs);
    const whole = streamed?.addTo(named, ui) ?? named;
    return { ...whole, troubles: [...troubles, ...whole.troubles] };
  }

  /**
   * Adds missing branches to the rows in view, or to all rows if the screen is sorted or filtered by branch. Returns
   * the same object if no branch is new.
   */
  nameBranches(board: Board, ui: UiState, nowMs: number): Board {
    const { git, mayRead } = this.#sources;
    const isNeeded = needsBranch(ui);
    const isWanted = (row: Row) => row.branchName === undefined && isNeeded(row);
    if (!board.rows.some(isWanted) || mayRead?.() === false) return board;
    return withBranchNames(board, git, nowMs, isWanted);
  }
}

/** A predicate for the rows that need a branch: the screen shows it, or is sorted or filtered by branch. */
function needsBranch(ui: UiState): (row: Row) => boolean {
  const { filter, sort, viewport } = ui;
  if (sort.column === 'branch' || filter?.fields.has('branch')) return () => true;
  if (!viewport.tableColumns.includes('branch')) return () => false;
  const inSight = keysInSight(ui);
  return ({ key }) => inSight.has(key);
}

/**
 * The Board with the git branches of this machine's rows, all or those that are wanted; the same Board if none
 * changed.
 */
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
