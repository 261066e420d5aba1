import type { Context } from '../context.ts';
import type { Board } from '../domain/board.ts';
import { reduce } from '../domain/reduce.ts';
import { remapped } from '../domain/remap.ts';
import type { Settings } from '../domain/settings/table.ts';
import { initialUiState, type UiState } from '../domain/ui-state.ts';
import type { Options, Size } from '../options.ts';
import { type DashboardView, dashboardView } from '../view/dashboard.ts';
import type { Glyphs } from '../view/glyphs.ts';

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

/** One frame of a Board at a size, as the screen would open with it. */
export function singleFrame(
  board: Board,
  options: Options,
  settings: Settings,
  size: Size,
  glyphs: Glyphs,
): DashboardView {
  const { state } = reduce(openingUiState(options, settings), { type: 'board' }, board, board.atMs);
  return dashboardView(board, state, {
    ...size,
    nowMs: board.atMs,
    utcOffsetMinutes: utcOffsetMinutes(board.atMs),
    glyphs,
  });
}

/** The size of a frame that is printed: as asked for, else the terminal's, else the classic one. */
export function frameSize(options: Options, context: Context): Size {
  const { columns, rows } = context.stdout;
  return options.size ?? (columns && rows ? { cols: columns, rows } : { cols: 80, rows: 24 });
}
