import type { Board, Row } from '../domain/board/board.ts';
import { screenBoard } from '../domain/board/tree.ts';
import type { Viewport } from '../domain/ui/action.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import { type DashboardLayout, layOutDashboard } from './dashboard-layout.ts';
import { detailLog } from './detail-log.ts';
import type { FrameInput } from './frame-input.ts';
import { toAscii } from './glyphs.ts';
import { countSpans, headerPanel } from './header.ts';
import { helpLines } from './help.ts';
import { keyBar } from './key-bar.ts';
import { type Layout, minSize, type Rect } from './layout.ts';
import { type Line, span } from './line.ts';
import { confirmationPanel, overlayMenu } from './overlays.ts';
import { boxed, type Panel, panel } from './panel.ts';
import { processList } from './process-list.ts';
import { promptFoot, promptPanel } from './prompt-line.ts';
import { sessionTable } from './session-table.ts';
import { contextPanel, gaugeLine, tokensPanel } from './token-gauges.ts';

/** A complete frame. The panels cover the screen; later panels are drawn over earlier ones. */
export interface DashboardView {
  readonly cols: number;
  readonly rows: number;
  readonly panels: readonly Panel[];
  /** The terminal's title. It contains no text of a session. */
  readonly title: string;
  /** Sizes and positions of this frame, for paging at the next key. */
  readonly viewport: Viewport;
  /** True if a text scrolls by itself, so the frame has to be drawn again soon. */
  readonly isAnimated: boolean;
}

/**
 * Returns the frame for a Board and a UI state, at any size. The dashboard calls the two steps itself, since it reads
 * data for the visible rows between them.
 */
export function dashboardView(board: Board, ui: UiState, input: FrameInput): DashboardView {
  const shown = screenBoard(board, ui);
  return paintDashboard(layOutDashboard(shown, ui, input), shown, ui, input);
}

/** Paints a layout made for the same state, size and `screenBoard`. Only the rows' git branches may have been added since. */
export function paintDashboard(
  layout: DashboardLayout,
  shown: Board,
  ui: UiState,
  input: FrameInput,
): DashboardView {
  const { cols, rows } = input;
  const { parts } = layout;
  const view = parts ? fullView(layout, parts, shown, ui, input) : tooSmall(shown, layout, input);
  const panels = input.glyphs.ascii ? view.panels.map(asciiPanel) : view.panels;
  return {
    cols,
    rows,
    panels,
    title: terminalTitle(shown),
    viewport: view.viewport,
    isAnimated: view.isAnimated,
  };
}

interface Parts {
  readonly panels: readonly Panel[];
  readonly viewport: Viewport;
  readonly isAnimated: boolean;
}

function fullView(
  { notice, table: tableLayout, viewport: inSight }: DashboardLayout,
  parts: Layout,
  board: Board,
  ui: UiState,
  input: FrameInput,
): Parts {
  const panels: Panel[] = [headerPanel(board, ui, parts.header, input), ...gaugePanels(board, parts, input)];
  let viewport = inSight;
  let isAnimated = false;
  if (tableLayout) {
    const table = sessionTable(board, ui, tableLayout, input);
    panels.push(table.panel);
    isAnimated = table.isAnimated;
  }
  if (parts.detail) {
    const detail = detailLog(selectedRow(board, ui), ui, parts.detail, input);
    panels.push(detail.panel);
    const { top, first, last } = detail.view;
    viewport = {
      ...viewport,
      detailRows: detail.rows,
      detailTop: top,
      detailFirst: first,
      detailLast: last,
    };
  }
  panels.push(...bottomPanels(board, ui, parts, notice, input));
  if (ui.confirmation) {
    panels.push(confirmationPanel(ui.confirmation, input));
  } else if (ui.overlay) {
    const help = textOverlay(board, ui, ui.overlay, input);
    panels.push(help.panel);
    viewport = { ...viewport, helpRows: help.rows, helpLines: help.lines };
  }
  if (ui.menu) panels.push(overlayMenu(ui.menu, input));
  return { panels, viewport, isAnimated };
}

/** The notice and the key bar; while the prompt is open, the prompt and its keys or problem. */
function bottomPanels(
  board: Board,
  ui: UiState,
  parts: Layout,
  notice: Line | undefined,
  input: FrameInput,
): Panel[] {
  if (ui.prompt && parts.notice) {
    return [promptPanel(ui.prompt, parts.notice, input), promptFoot(ui.prompt, parts.keys, input)];
  }
  const noticePanels = parts.notice && notice ? [panel('notice', parts.notice, [notice], input)] : [];
  return [...noticePanels, keyBar(board, ui, parts.keys, input)];
}

function gaugePanels(board: Board, parts: Layout, input: FrameInput): Panel[] {
  const panels: Panel[] = [];
  if (parts.tokens) panels.push(tokensPanel(board, parts.tokens, input));
  if (parts.context) panels.push(contextPanel(board, parts.context, input));
  if (parts.gaugeLine) panels.push(gaugeLine(board, parts.gaugeLine, input));
  return panels;
}

function selectedRow(board: Board, ui: UiState): Row | undefined {
  return board.rows.find((row) => row.key === ui.selectedKey);
}

function textOverlay(
  board: Board,
  ui: UiState,
  name: 'help' | 'processes',
  input: FrameInput,
): { panel: Panel; rows: number; lines: number } {
  const { cols, rows } = input;
  // Takes the full width: a narrower box could cut a wide character of the panel beneath in half.
  const rect: Rect = { top: 1, left: 0, width: cols, height: rows - 2 };
  const lines =
    name === 'help' ? helpLines(ui.keymap, Math.min(cols, 110) - 4, input) : processList(board, input);
  const visible = Math.max(0, rect.height - 2);
  const top = Math.max(0, Math.min(ui.helpTop, lines.length - visible));
  const shown = lines.slice(top, top + visible).map((each) => ({ spans: [span(' '), ...each.spans] }));
  const title = [span(name, 'key'), span('  j k scroll, Esc closes', 'muted')];
  return {
    panel: panel('overlay', rect, boxed(title, shown, rect, input), input, [
      { top: 0, left: 0, width: rect.width, height: rect.height, action: { type: 'back' } },
    ]),
    rows: visible,
    lines: lines.length,
  };
}

/** The frame below the minimum size: as many counts as fit, and the size that otop needs. */
function tooSmall(board: Board, { viewport }: DashboardLayout, input: FrameInput): Parts {
  const { cols, rows } = input;
  const rect: Rect = { top: 0, left: 0, width: cols, height: rows };
  const counts = countSpans(board, input.glyphs).map((each) => ({ spans: [each] }));
  const size: Line = {
    spans: [span(`too small: ${cols}x${rows}, needs ${minSize.cols}x${minSize.rows}`, 'muted')],
  };
  const lines = rows > 1 ? [...counts.slice(0, rows - 1), size] : counts;
  return { panels: [panel('header', rect, lines, input)], viewport, isAnimated: false };
}

function terminalTitle(board: Board): string {
  const { needsYouCount } = board;
  return needsYouCount > 0 ? `otop: ${needsYouCount} need${needsYouCount === 1 ? 's' : ''} you` : 'otop';
}

function asciiPanel(of: Panel): Panel {
  return {
    ...of,
    lines: of.lines.map((each) => ({
      ...each,
      spans: each.spans.map((piece) => ({ ...piece, text: toAscii(piece.text) })),
    })),
  };
}
