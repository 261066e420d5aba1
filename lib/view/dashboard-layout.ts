import type { Board } from '../domain/board/board.ts';
import { isWithin } from '../domain/board/row-highlights.ts';
import type { Viewport } from '../domain/ui/action.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import { clockTime } from '../text/format.ts';
import { type DetailSpace, detailSpace } from './detail-log.ts';
import type { FrameInput } from './frame-input.ts';
import { type Layout, layout, minSize } from './layout.ts';
import { type Line, span } from './line.ts';
import { isNothingFound } from './nothing-found.ts';
import { linesPerRow, type TableLayout, tableLayout } from './session-table.ts';

/** The rectangles of a frame, and its visible rows and columns, known before reading for them and painting. */
export interface DashboardLayout {
  /** Undefined if the screen has room for the counts only. */
  readonly parts?: Layout;
  /** The line above the key bar: a notice, else a trouble. */
  readonly notice?: Line;
  readonly table?: TableLayout;
  /** The room inside the detail log; undefined while it is closed. */
  readonly openDetail?: DetailSpace;
  /** Has the visible rows and columns. Painting adds the lines of the detail log and the help. */
  readonly viewport: Viewport;
}

/** Lays out a frame of any size. `shown` is the `screenBoard`. */
export function layOutDashboard(shown: Board, ui: UiState, input: FrameInput): DashboardLayout {
  if (isTooSmall(input)) return { viewport: { ...ui.viewport, tooSmall: true } };
  const notice = noticeLine(shown, ui, input);
  const parts = layoutOf(shown, ui, notice, input);
  const table = parts.table && tableLayout(ui, parts.table);
  const openDetail = ui.focus === 'detail' && parts.detail ? detailSpace(parts.detail) : undefined;
  return {
    parts,
    ...(notice && { notice }),
    ...(table && { table }),
    ...(openDetail && { openDetail }),
    viewport: {
      ...ui.viewport,
      tooSmall: false,
      ...(table && { tableRows: table.rows, tableTop: table.top, tableColumns: table.columns }),
    },
  };
}

function isTooSmall({ cols, rows }: FrameInput): boolean {
  return cols < minSize.cols || rows < minSize.rows;
}

function layoutOf(shown: Board, ui: UiState, notice: Line | undefined, { cols, rows }: FrameInput): Layout {
  const wanted = ui.settings.layout;
  return layout({
    cols,
    rows,
    detail: ui.focus === 'detail' ? 'open' : wanted.detail && ui.order.length > 0 ? 'beside' : 'none',
    gauges: wanted.gauges && !isNothingFound(shown),
    tablePercent: wanted.tablePercent,
    notice: notice !== undefined || ui.prompt !== undefined,
    tableLines: (ui.filter ? 2 : 1) + Math.max(4, ui.order.length) * linesPerRow(ui, cols),
  });
}

/** The notice of the last action, else the first trouble of a source, else undefined. */
function noticeLine(shown: Board, ui: UiState, input: FrameInput): Line | undefined {
  if (ui.notice && isWithin(ui.notice.untilMs, input.nowMs, ui.notice.lastsMs))
    return { spans: [span(' '), span(ui.notice.text, 'strong')] };
  const [first, ...others] = shown.troubles;
  if (!first) return undefined;
  const more = others.length > 0 ? ` (+${others.length} more)` : '';
  const stale =
    first.staleSinceMs === undefined
      ? ''
      : ` (rows of ${clockTime(first.staleSinceMs, input.utcOffsetMinutes)})`;
  return { spans: [span(' ! ', 'badge'), span(` ${first.source}${stale}${more}: ${first.text}`, 'trouble')] };
}
