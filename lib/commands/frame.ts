import type { Context } from '../context.ts';
import type { Board } from '../domain/board.ts';
import { findColumn } from '../domain/columns.ts';
import { reduce } from '../domain/reduce.ts';
import { initialUiState, type UiState } from '../domain/ui-state.ts';
import type { Options, Size } from '../options.ts';
import { type DashboardView, dashboardView } from '../view/dashboard.ts';
import type { Glyphs } from '../view/glyphs.ts';

/** The screen as it opens with these options, before any Board. */
export function openingUiState(options: Options): UiState {
  const { filter, sort } = options;
  const column = sort === undefined ? undefined : findColumn(sort);
  return {
    ...initialUiState,
    readOnly: options.readOnly ?? false,
    all: options.all ?? false,
    mouse: options.mouse,
    ...(column && { sort: { column: column.id, descending: column.descending } }),
    ...(filter && filter.terms.length > 0 && { filter }),
  };
}

/** Minutes east of UTC here at a moment. */
export function utcOffsetMinutes(atMs: number): number {
  return -new Date(atMs).getTimezoneOffset();
}

/** One frame of a Board at a size, as the screen would open with it. */
export function singleFrame(board: Board, options: Options, size: Size, glyphs: Glyphs): DashboardView {
  const { state } = reduce(openingUiState(options), { type: 'board' }, board, board.atMs);
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
