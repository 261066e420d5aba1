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

/** The UI state at start, from options and settings, before any Board. */
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

/** The local time zone's offset at a time, in minutes east of UTC. */
export function utcOffsetMinutes(atMs: number): number {
  return -new Date(atMs).getTimezoneOffset();
}

/** The inputs of one frame. */
interface FrameParts {
  readonly board: Board;
  /** See `openingUiState`. */
  readonly ui: UiState;
  readonly size: Size;
  readonly glyphs: Glyphs;
  /** Without an enricher, the Board is shown unchanged. */
  readonly enricher?: Enricher;
}

const unchanged: Enricher = {
  enrich: (board) => board,
  nameBranches: (board) => board,
};

/** Returns one frame of a Board at a given size: the first frame that a dashboard would show. */
export function singleFrame({ board, ui, size, glyphs, enricher = unchanged }: FrameParts): DashboardView {
  const nowMs = board.atMs;
  const screen = new Screen(board, ui, { enricher });
  screen.show(board, [], nowMs);
  return screen.frame({ ...size, nowMs, utcOffsetMinutes: utcOffsetMinutes(nowMs), glyphs });
}

/** The size of a printed frame in cells: the option, else the terminal's, else COLUMNS and LINES, else 80x24. */
export function frameSize(options: Options, { stdout, env }: Context): Size {
  const { columns, rows } = stdout;
  if (options.size) return options.size;
  if (columns && rows) return { cols: columns, rows };
  return { cols: parseCells(env.COLUMNS) ?? 80, rows: parseCells(env.LINES) ?? 24 };
}

/** Parses COLUMNS or LINES, in which `watch` and similar programs pass the size. Undefined unless it is 1 to 1000. */
function parseCells(text: string | undefined): number | undefined {
  const cells = /^\d{1,4}$/.test(text ?? '') ? Number(text) : 0;
  return cells >= 1 && cells <= 1000 ? cells : undefined;
}
