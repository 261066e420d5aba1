import type { Options, Size } from '../config/options.ts';
import type { Board } from '../domain/board/board.ts';
import { reduce } from '../domain/ui/reduce.ts';
import { remapped } from '../domain/ui/remap.ts';
import type { Settings } from '../domain/ui/settings/table.ts';
import { initialUiState, type UiState } from '../domain/ui/ui-state.ts';
import type { GitBranches } from '../sources/git-branch.ts';
import type { Context } from '../system/context.ts';
import { type DashboardView, dashboardView } from '../view/dashboard.ts';
import type { Glyphs } from '../view/glyphs.ts';
import { withBranchNames } from './branch-names.ts';

/** The screen as it opens with these options and settings, before any Board. */
export function openingUiState({ filter, all = false }: Options, settings: Settings): UiState {
  return {
    ...initialUiState,
    settings,
    keymap: remapped(settings.keys),
    sort: settings.sort,
    rowLines: settings.layout.rows,
    readOnly: settings.readOnly,
    mouse: settings.mouse,
    all,
    ...(filter && filter.terms.length > 0 && { filter }),
  };
}

/** Minutes east of UTC here at a moment. */
export function utcOffsetMinutes(atMs: number): number {
  return -new Date(atMs).getTimezoneOffset();
}

/** A Board, and how its one frame is drawn. */
export interface SingleFrame {
  readonly board: Board;
  readonly options: Options;
  readonly settings: Settings;
  readonly size: Size;
  readonly glyphs: Glyphs;
  /** Reads branch names; absent: the frame shows none. */
  readonly git?: GitBranches;
}

/** One frame of a Board at a size, as the screen would open with it. */
export function singleFrame({ board, options, settings, size, glyphs, git }: SingleFrame): DashboardView {
  const opening = openingUiState(options, settings);
  const known = git ? withBranchNames(board, opening, git, board.atMs) : board;
  const { state } = reduce(opening, { type: 'board' }, { board: known, nowMs: board.atMs });
  const context = { ...size, nowMs: board.atMs, utcOffsetMinutes: utcOffsetMinutes(board.atMs), glyphs };
  const view = dashboardView(known, state, context);
  // Which rows and columns there is room for is known only now.
  const named = git ? withBranchNames(known, { ...state, viewport: view.viewport }, git, board.atMs) : known;
  return named === known ? view : dashboardView(named, state, context);
}

/** The size of a frame that is printed: as asked for, else the terminal's, else what `watch` says, else the classic one. */
export function frameSize(options: Options, { stdout, env }: Context): Size {
  const { columns, rows } = stdout;
  if (options.size) return options.size;
  if (columns && rows) return { cols: columns, rows };
  return { cols: told(env.COLUMNS) ?? 80, rows: told(env.LINES) ?? 24 };
}

/** Programs that run others beside their own screen, as `watch` does, tell them its size so. */
function told(text: string | undefined): number | undefined {
  const cells = /^\d{1,4}$/.test(text ?? '') ? Number(text) : 0;
  return cells >= 1 && cells <= 1000 ? cells : undefined;
}
