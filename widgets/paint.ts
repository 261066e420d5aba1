import { lineCells } from '../lib/view/frame.ts';
import type { Rect } from '../lib/view/layout.ts';
import type { Line } from '../lib/view/line.ts';
import { type Style, type StyleName, styleOn, type Theme } from '../lib/view/theme.ts';
import type { ScreenLine } from './terminal.ts';

/** blessed's packed attributes: 9 bits background, 9 bits foreground (511 is the terminal's own), then flags. */
function attributes(style: Style): number {
  const flags = (style.bold ? 1 : 0) | (style.underline ? 2 : 0) | (style.inverse ? 8 : 0);
  return (flags << 18) | ((style.fg ?? 0x1ff) << 9) | (style.bg ?? 0x1ff);
}

/** A theme's styles in blessed's form, packed once for each pair of style and background. */
export class Palette {
  readonly #theme: Theme;
  readonly #packed = new Map<string, number>();

  constructor(theme: Theme) {
    this.#theme = theme;
  }

  get(style: StyleName, background: StyleName | undefined): number {
    const name = `${style}/${background}`;
    const known = this.#packed.get(name);
    if (known !== undefined) return known;
    const packed = attributes(styleOn(this.#theme, style, background));
    this.#packed.set(name, packed);
    return packed;
  }
}

/** blessed's mark for the second cell of a wide character. */
const secondHalf = '\x03';

/**
 * Writes lines into the buffer, cell by cell, and marks only lines that changed. blessed's own way, a string with
 * escape codes, counts UTF-16 units instead of cells and cuts lines with emoji short.
 */
export function paint(
  buffer: readonly ScreenLine[],
  rect: Rect,
  lines: readonly Line[],
  palette: Palette,
): void {
  lines.forEach((line, index) => {
    const target = buffer[rect.top + index];
    if (!target) return;
    lineCells(line).forEach(({ text, style, background }, column) => {
      const cell = target[rect.left + column];
      if (!cell) return;
      const shown = text === '' ? secondHalf : text;
      const packed = palette.get(style, background);
      if (cell[0] === packed && cell[1] === shown) return;
      cell[0] = packed;
      cell[1] = shown;
      target.dirty = true;
    });
  });
}
