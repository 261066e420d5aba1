import { eachCharacter } from '../text/width.ts';
import type { DashboardView } from './dashboard.ts';
import type { Line } from './line.ts';
import type { SpanStyle, Style, StyleName, Theme } from './theme.ts';
import { styleOn } from './themes.ts';

/** One cell of a frame. A wide character's second cell holds an empty text. */
interface Cell {
  readonly text: string;
  readonly style: SpanStyle;
  readonly background?: StyleName;
}

/** A cell in the colours of a theme. */
export interface StyledCell {
  readonly text: string;
  readonly style: Style;
}

/** A line as cells. Combining characters share the cell of their base character. */
function lineCells(of: Line): Cell[] {
  const cells: Cell[] = [];
  const ground = of.background ? { background: of.background } : {};
  for (const { text, style } of of.spans) {
    eachCharacter(text, (shown, width) => {
      cells.push({ text: shown, style, ...ground });
      if (width === 2) cells.push({ text: '', style, ...ground });
    });
  }
  return cells;
}

/** All panels painted over each other, as `rows` rows of `cols` cells. */
function frameCells(view: DashboardView): Cell[][] {
  const blank: Cell = { text: ' ', style: 'plain' };
  const frame = Array.from({ length: view.rows }, () => Array.from({ length: view.cols }, () => blank));
  for (const { rect, lines } of view.panels) {
    lines.forEach((each, row) => {
      const target = frame[rect.top + row];
      lineCells(each).forEach((cell, index) => {
        if (target && rect.left + index < view.cols) target[rect.left + index] = cell;
      });
    });
  }
  return frame;
}

/** Returns a frame as plain text with one line per row, as `otop --once` prints it. */
export function frameText(view: DashboardView): string {
  return frameCells(view)
    .map((row) =>
      row
        .map((cell) => cell.text)
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** Returns a frame as rows of cells in the colours of a theme, for pictures. */
export function styledCells(view: DashboardView, theme: Theme): StyledCell[][] {
  return frameCells(view).map((row) =>
    row.map(({ text, style, background }) => ({ text, style: styleOn(theme, style, background) })),
  );
}

/** Returns cells as text with SGR colours that ends without a colour. */
export function ansiText(cells: readonly StyledCell[]): string {
  let last = '';
  let out = '';
  for (const { text, style } of cells) {
    const code = sgr(style);
    if (code !== last) out += `\x1b[0${code}m`;
    last = code;
    out += text;
  }
  return last === '' ? out : `${out}\x1b[0m`;
}

function sgr(style: Style): string {
  const parts: string[] = [];
  if (style.bold) parts.push('1');
  if (style.underline) parts.push('4');
  if (style.inverse) parts.push('7');
  if (style.fg !== undefined) parts.push(`38;5;${style.fg}`);
  if (style.bg !== undefined) parts.push(`48;5;${style.bg}`);
  return parts.map((part) => `;${part}`).join('');
}
