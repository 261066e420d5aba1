import type { Board } from '../domain/board/board.ts';
import { isWithin } from '../domain/board/row-highlights.ts';
import type { Viewport } from '../domain/ui/action.ts';
import { noticeMs } from '../domain/ui/reduce/step.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import { clockTime } from '../text/format.ts';
import { type DetailSpace, detailSpace } from './detail-log.ts';
import type { FrameInput } from './frame-input.ts';
import { type Layout, layout, minSize } from './layout.ts';
import { type Line, span } from './line.ts';
import { linesPerRow, type TableLayout, tableLayout } from './session-table.ts';

/** The place of each part of a frame, and the rows and columns in sight: known before anything is read for them or painted. */
export interface DashboardLayout {
  /** Absent if the screen has room for the counts only. */
  readonly parts?: Layout;
  /** The line above the key bar: a message, else a trouble. */
  readonly note?: Line;
  readonly table?: TableLayout;
  /** The room for what is read for the detail log; absent while the log is closed. */
  readonly openDetail?: DetailSpace;
  /** With the rows and columns in sight. Lines of the detail log and the help are counted as they are painted. */
  readonly viewport: Viewport;
}

/** Lays out what the screen shows of a Board (`screenBoard`), at any size. */
export function layOutDashboard(shown: Board, ui: UiState, input: FrameInput): DashboardLayout {
  if (isTooSmall(input)) return { viewport: { ...ui.viewport, tooSmall: true } };
  const note = noteLine(shown, ui, input);
  const parts = layoutOf(ui, note, input);
  const table = parts.table && tableLayout(ui, parts.table);
  const openDetail = ui.focus === 'detail' && parts.detail ? detailSpace(parts.detail) : undefined;
  return {
    parts,
    ...(note && { note }),
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

function layoutOf(ui: UiState, note: Line | undefined, { cols, rows }: FrameInput): Layout {
  const wishes = ui.settings.layout;
  return layout({
    cols,
    rows,
    detail: ui.focus === 'detail' ? 'open' : wishes.detail && ui.order.length > 0 ? 'beside' : 'none',
    gauges: wishes.gauges,
    tablePercent: wishes.tablePercent,
    notice: note !== undefined || ui.prompt !== undefined,
    tableLines: (ui.filter ? 2 : 1) + Math.max(4, ui.order.length) * linesPerRow(ui, cols),
  });
}

/** A word about what was just done, else what is wrong with a source, else nothing. */
function noteLine(shown: Board, ui: UiState, input: FrameInput): Line | undefined {
  if (ui.notice && isWithin(ui.notice.untilMs, input.nowMs, noticeMs))
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
