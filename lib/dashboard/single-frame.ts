import type { Options, Size } from '../config/options.ts';
import type { Board } from '../domain/board/board.ts';
import type { Settings } from '../domain/schema/configuration.ts';
import { remapped } from '../domain/ui/remap.ts';
import { initialUiState, type UiState } from '../domain/ui/ui-state.ts';
import type { Context } from '../system/context.ts';
import type { DashboardView } from '../view/dashboard.ts';
import type { Glyphs } from '../view/glyphs.ts';
import type { Enricher } from './enrich-board.ts';
import { Screen } from './screen.ts';

/** The screen as it opens with these options and settings, before any Board. */
export function openingUiState(
  { filter, all = false }: Pick<Options, 'filter' | 'all'>,
  settings: Settings,
): UiState {
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

/** What one frame is made of. */
interface FrameParts {
  readonly board: Board;
  /** See `openingUiState`. */
  readonly ui: UiState;
  readonly size: Size;
  readonly glyphs: Glyphs;
  /** Without one the Board is shown as it is. */
  readonly enricher?: Enricher;
}

const unchanged: Enricher = {
  enrich: (board) => board,
  nameBranches: (board) => board,
};

/** One frame of a Board at a size, as the screen would open with it. */
export function singleFrame({ board, ui, size, glyphs, enricher = unchanged }: FrameParts): DashboardView {
  const nowMs = board.atMs;
  const screen = new Screen(board, ui, { enricher });
  screen.show(board, [], nowMs);
  return screen.frame({ ...size, nowMs, utcOffsetMinutes: utcOffsetMinutes(nowMs), glyphs });
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
