import type { Board, Row } from '../domain/board/board.ts';
import { lastOutput } from '../domain/board/last-output.ts';
import { highlightMs, isWithin, type RowHighlight } from '../domain/board/row-highlights.ts';
import { sectionsOf } from '../domain/board/sections.ts';
import { type Column, type ColumnId, findColumn } from '../domain/table/columns.ts';
import { foundIn } from '../domain/table/search.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { ticker } from '../text/ticker.ts';
import { fitCells } from '../text/width.ts';
import { wrap } from '../text/wrap.ts';
import { cellStyle, secondLineStyle } from './cell-style.ts';
import { columnGap, fitColumns, type Slot } from './fit-columns.ts';
import type { FrameInput } from './frame-input.ts';
import { hostHeading } from './host-heading.ts';
import type { Rect } from './layout.ts';
import { type Line, type Span, span } from './line.ts';
import { isNothingFound, nothingFoundLines } from './nothing-found.ts';
import { type Panel, panel, type Target } from './panel.ts';
import { stateStyle } from './state-style.ts';
import type { StyleName } from './theme.ts';

/** The visible rows and columns of the table. */
export interface TableLayout {
  readonly rect: Rect;
  /** Lines per row. */
  readonly lines: 1 | 2;
  readonly slots: readonly Slot[];
  readonly columns: readonly ColumnId[];
  /** Number of rows that fit, and the index of the first one. */
  readonly rows: number;
  readonly top: number;
}

interface SessionTable {
  readonly panel: Panel;
  /** True if a text scrolls by itself. */
  readonly isAnimated: boolean;
}

/** Cells of the cursor, before the first column. */
const margin = 1;
const twoLineCols = 100;

/** Returns the lines per session: as chosen, or by the terminal's width. */
export function linesPerRow(ui: UiState, cols: number): 1 | 2 {
  if (ui.rowLines !== 'auto') return ui.rowLines === 'two' ? 2 : 1;
  return cols >= twoLineCols ? 2 : 1;
}

/** Returns the rows and columns that fit into the rectangle. The selected row is always visible. */
export function tableLayout(ui: UiState, rect: Rect): TableLayout {
  const lines = linesPerRow(ui, rect.width);
  const slots = fitColumns(columnsFor(ui, lines === 2), rect.width - margin, lines === 2);
  const columns = slots.flatMap(({ top: { id }, bottom }) => (bottom ? [id, bottom.id] : [id]));
  const linesAbove = ui.filter ? 1 : 0;
  const rows = Math.max(1, Math.floor((rect.height - 1 - linesAbove) / lines));
  return { rect, lines, slots, columns, rows, top: windowTop(ui, rows) };
}

/** Returns the session table. Only visible rows are painted. */
export function sessionTable(
  board: Board,
  ui: UiState,
  { rect, lines, slots, rows, top }: TableLayout,
  input: FrameInput,
): SessionTable {
  const above = ui.filter ? [filterLine(ui.filter.text, tallyOf(board, ui))] : [];
  const layout = { slots, lines, ui, input };
  const head = headerLine(layout, shownRange(ui, top, rows), above.length);
  const targets: Target[] = [...head.targets, ...above.map(() => clearTarget(rect.width))];
  if (ui.order.length === 0 && isNothingFound(board)) {
    const lines = nothingFoundLines(board, rect);
    return { panel: panel('table', rect, lines, input), isAnimated: false };
  }
  if (ui.order.length === 0) {
    const words = emptyText(board, ui, rect.width - 2).map((text) => ({
      spans: [span('  '), span(text, 'muted')],
    }));
    return {
      panel: panel('table', rect, [...above, head.line, ...words], input, targets),
      isAnimated: false,
    };
  }
  const byKey = new Map(board.rows.map((row) => [row.key, row]));
  const sections = new Map(sectionsOf(board.rows, board).map((section) => [section.key, section]));
  const away = new Set(board.hosts.flatMap(({ name, link }) => (link === 'away' ? name : [])));
  const out: Line[] = [...above, head.line];
  for (const key of ui.order.slice(top, top + rows)) {
    const row = byKey.get(key);
    const section = sections.get(key);
    if (!row && !section) continue;
    targets.push({
      top: out.length,
      left: 0,
      width: rect.width,
      height: lines,
      action: { type: 'click-row', key },
    });
    if (section) {
      const folded = ui.foldedHosts.includes(key);
      out.push(...hostHeading(section, board, { selected: key === ui.selectedKey, folded, lines }, input));
    }
    if (row) out.push(...rowLines(row, layout, away.has(row.host)));
  }
  return { panel: panel('table', rect, out, input, targets), isAnimated: scrolls(ui) };
}

function clearTarget(width: number): Target {
  return { top: 0, left: 0, width, height: 1, action: { type: 'filter-clear' } };
}

/** With one line per row, the last output is shown only if every other column fits. */
function columnsFor({ settings }: UiState, twoLines: boolean): readonly Column[] {
  const columns = settings.columns.flatMap((id) => findColumn(id) ?? []);
  if (twoLines) return columns;
  return columns.map((column) => (column.id === 'last' ? { ...column, priority: 31 } : column));
}

/** The first visible row: the previous one, moved only until the selected row is visible and no line stays empty. */
function windowTop(ui: UiState, rows: number): number {
  const selected = ui.selectedKey === undefined ? 0 : Math.max(0, ui.order.indexOf(ui.selectedKey));
  const top = Math.min(ui.viewport.tableTop, Math.max(0, ui.order.length - rows));
  return Math.max(selected - rows + 1, Math.min(top, selected));
}

/** The visible range, such as `1-20 of 80`; empty if all rows are visible. */
function shownRange(ui: UiState, top: number, rows: number): string {
  const all = ui.order.length;
  return all > rows ? `${top + 1}-${Math.min(all, top + rows)} of ${all}` : '';
}

/** The input that all rows of a frame share. */
interface RowLayout extends Pick<TableLayout, 'slots' | 'lines'> {
  readonly ui: UiState;
  readonly input: FrameInput;
}

function headerLine(
  { slots, ui, input }: RowLayout,
  range: string,
  line: number,
): { line: Line; targets: Target[] } {
  const { glyphs } = input;
  const arrow = ui.sort.descending ? glyphs.descending : glyphs.ascending;
  const spans: Span[] = [span(' '.repeat(margin), 'head')];
  const targets: Target[] = [];
  let left = margin;
  for (const slot of slots) {
    const column = sortedIn(slot, ui.sort.column);
    const sorted = column.id === ui.sort.column;
    const title = sorted ? `${column.title}${column.align === 'left' ? ' ' : ''}${arrow}` : column.title;
    const ranged = slot.top.id === 'title' && range !== '' ? `${title}  ${range}` : title;
    const cell = fitCells(ranged, slot.width, column.align, '');
    if (spans.length > 1) spans.push(span(' '.repeat(columnGap), 'head'));
    spans.push(span(cell, sorted ? 'sorted' : 'head'));
    targets.push({
      top: line,
      left,
      width: slot.width,
      height: 1,
      action: { type: 'sort-by', column: column.id },
    });
    left += slot.width + columnGap;
  }
  return { line: { spans, background: 'head' }, targets };
}

/** The column named in the header: the lower one only while the table is sorted by it. */
function sortedIn(slot: Slot, sorted: ColumnId): Column {
  return slot.bottom?.id === sorted ? slot.bottom : slot.top;
}

function rowLines(row: Row, layout: RowLayout, isAway: boolean): Line[] {
  const { slots, lines, ui, input } = layout;
  const selected = row.key === ui.selectedKey;
  const { glyphs } = input;
  const cursor = span(selected ? glyphs.cursor : ' ', 'brand');
  const highlight = isAway ? 'away' : highlightOf(row, ui, input);
  const first: Span[] = [
    highlight && !selected ? span(signs[highlight].sign, signs[highlight].style) : cursor,
  ];
  const second: Span[] = [cursor];
  for (const slot of slots) {
    const gap = first.length > 1 ? [span(' '.repeat(columnGap))] : [];
    first.push(...gap, ...withMatch(topCell(row, slot, layout), slot.top.id, ui));
    second.push(...gap, bottomCell(row, slot, layout));
  }
  const background = selected ? { background: 'selected' as const } : {};
  const spansOfLines = lines === 2 ? [first, second] : [first];
  return spansOfLines.map((spans) => ({
    spans: highlight === 'gone' || highlight === 'away' ? faded(spans) : spans,
    ...background,
  }));
}

/** Signs shown in the cursor's cell for a short time, so that colour is never the only signal. */
const signs: Readonly<Record<RowHighlight | 'away', { readonly sign: string; readonly style: StyleName }>> = {
  new: { sign: '+', style: 'unread' },
  changed: { sign: '*', style: 'brand' },
  gone: { sign: '-', style: 'muted' },
  /** The row's host cannot be reached: the row is the last one it reported. */
  away: { sign: '~', style: 'muted' },
};

function highlightOf(
  row: Row,
  { highlights, frozen }: UiState,
  { nowMs }: FrameInput,
): RowHighlight | undefined {
  const known = frozen ? undefined : highlights?.highlighted.get(row.key);
  return known && isWithin(known.untilMs, nowMs, highlightMs) ? known.highlight : undefined;
}

function faded(spans: readonly Span[]): Span[] {
  return spans.map((each) => ({ ...each, style: 'muted' }));
}

/** True if text that does not fit scrolls instead of being truncated. */
function scrolls(ui: UiState): boolean {
  return ui.ticker ?? ui.settings.ticker;
}

/** A title with the match of the search in the style `found`. */
function withMatch(cell: Span, column: ColumnId, { search }: UiState): Span[] {
  const found = column === 'title' && search !== undefined ? foundIn(cell.text, search) : undefined;
  if (!found) return [cell];
  const [start, end] = found;
  return [
    { ...cell, text: cell.text.slice(0, start) },
    span(cell.text.slice(start, end), 'found'),
    { ...cell, text: cell.text.slice(end) },
  ];
}

function bottomCell(row: Row, slot: Slot, { ui, input }: RowLayout): Span {
  const { top, bottom, width } = slot;
  if (!bottom) return span(' '.repeat(width));
  const text = bottom.text(row, input.nowMs);
  const labelled = bottom.withLabel && text !== '' ? bottom.withLabel(text) : text;
  const style = secondLineStyle(bottom.id, row);
  if (bottom.id === 'last' && scrolls(ui)) return span(ticker(labelled, width, input.nowMs), style);
  return span(fitCells(labelled, width, top.align, input.glyphs.ellipsis, bottom.keeps), style);
}

function topCell(row: Row, slot: Slot, { lines, ui, input }: RowLayout): Span {
  const { glyphs, nowMs } = input;
  const { top: column, width } = slot;
  const text = column.text(row, nowMs);
  if (scrolls(ui) && (column.id === 'title' || column.id === 'last')) {
    // With one line per row, the last output has no cell of its own and follows the title.
    const output = column.id === 'title' && lines === 1 ? lastOutput(row) : undefined;
    const whole = output === undefined ? text : `${text}  ${glyphs.bullet} ${output}`;
    return span(ticker(whole, width, nowMs), cellStyle(column.id, row));
  }
  if (column.id !== 'status') {
    const cell = fitCells(text, width, column.align, glyphs.ellipsis, column.keeps);
    return span(cell, cellStyle(column.id, row));
  }
  const { glyph, style } = stateStyle(row.state, glyphs);
  // If the word does not fit, the glyph replaces it, so that the time stays readable.
  const short = `${glyph} ${text.split(' ').at(-1) ?? ''}`;
  const long = `${glyph} ${text}`;
  return span(fitCells(long.length <= width ? long : short, width, 'left', ''), style);
}

/** The text of an empty table: why it is empty, and what to do. */
function emptyText(board: Board, ui: UiState, cells: number): DisplayText[] {
  return emptySentences(board, ui).flatMap((sentence) => wrap(sanitize(sentence), Math.max(1, cells)));
}

function emptySentences(board: Board, ui: UiState): string[] {
  if (board.atMs === 0) return ['', 'Looking for opencode …'];
  if (ui.filter && board.rows.length > 0) return ['', 'No session matches the filter.'];
  const database = board.troubles.find((trouble) => trouble.source === 'database');
  const waiting = 'Start `opencode` anywhere on this machine: its session appears here within a second.';
  if (database) return ['', database.text];
  return ['', 'No opencode is running.', waiting];
}

/** Counts of shown and all rows, and of hidden rows that need the person. */
interface Tally {
  readonly shown: number;
  readonly all: number;
  readonly hiddenNeedYou: number;
}

function tallyOf(board: Board, ui: UiState): Tally {
  const shown = new Set(ui.order);
  const hidden = board.rows.filter(({ key }) => !shown.has(key));
  return {
    shown: board.rows.length - hidden.length,
    all: board.rows.length,
    hiddenNeedYou: hidden.filter(({ state }) => state.needsYou).length,
  };
}

/** The line above the table while a filter is active. It also counts hidden sessions that need the person. */
function filterLine(filterText: string, tally: Tally): Line {
  const { shown, all, hiddenNeedYou } = tally;
  const spans: Span[] = [span(' filter ', 'badge'), span(` ${shown} of ${all} shown`, 'strong')];
  if (hiddenNeedYou > 0)
    spans.push(span(`  ${hiddenNeedYou} hidden need${hiddenNeedYou === 1 ? 's' : ''} you`, 'failed'));
  spans.push(span(`  ${sanitize(filterText)}`, 'key'), span('  Esc clears', 'muted'));
  return { spans };
}
