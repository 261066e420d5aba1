import { eachCharacter, textWidth } from '../lib/text/width.ts';
import type { Line } from '../lib/view/line.ts';
import type { SpanStyle, Style, StyleName, Theme } from '../lib/view/theme.ts';
import { styleOn } from '../lib/view/themes.ts';
import type { ScreenLine } from './terminal.ts';

/** Packs a style for blessed: 9 bits of background, 9 bits of foreground (511 is the terminal's default), then flags. */
function attributes(style: Style): number {
  const flags = (style.bold ? 1 : 0) | (style.underline ? 2 : 0) | (style.inverse ? 8 : 0);
  return (flags << 18) | ((style.fg ?? 0x1ff) << 9) | (style.bg ?? 0x1ff);
}

/** Caches a theme's packed styles, one for each pair of style and background. */
export class Palette {
  #theme: Theme;
  readonly #packed = new Map<StyleName | undefined, Map<StyleName, number>>();

  constructor(theme: Theme) {
    this.#theme = theme;
  }

  /** Replaces the theme and clears the cache. */
  change(theme: Theme): void {
    this.#theme = theme;
    this.#packed.clear();
  }

  /** Returns blessed's packed attributes for a style on a background. */
  get(style: SpanStyle, background: StyleName | undefined): number {
    if (typeof style !== 'string') return attributes(styleOn(this.#theme, style, background));
    let onGround = this.#packed.get(background);
    if (onGround === undefined) {
      onGround = new Map();
      this.#packed.set(background, onGround);
    }
    let packed = onGround.get(style);
    if (packed === undefined) {
      packed = attributes(styleOn(this.#theme, style, background));
      onGround.set(style, packed);
    }
    return packed;
  }
}

/** blessed's placeholder in the second cell of a wide character. */
const secondHalf = '\x03';

/**
 * Writes a line into a line of the buffer, cell by cell, from column `left` on, and sets `dirty` if a cell changed.
 * blessed's own strings with escape codes count UTF-16 units instead of cells and cut lines with emoji short. Skips
 * pieces that are at the same column in `before`, the line that was painted here last.
 */
export function paintLine(
  target: ScreenLine,
  left: number,
  line: Line,
  palette: Palette,
  before?: Line,
): void {
  let column = left;
  let columnBefore = before?.background === line.background ? left : Number.NaN;
  line.spans.forEach((piece, index) => {
    const known = before?.spans[index];
    const isSameText = known?.text === piece.text;
    const isThere = isSameText && columnBefore === column && known.style === piece.style;
    if (!isThere) paintSpan(target, column, piece.text, palette.get(piece.style, line.background));
    const width = textWidth(piece.text);
    column += width;
    columnBefore += isSameText ? width : widthOf(known);
  });
}

/** Returns NaN without a span: then the columns of all later spans are unknown. */
function widthOf(span: Line['spans'][number] | undefined): number {
  return span === undefined ? Number.NaN : textWidth(span.text);
}

function paintSpan(target: ScreenLine, left: number, text: string, packed: number): void {
  let column = left;
  const put = (shown: string) => {
    const cell = target[column];
    column += 1;
    if (!cell || (cell[0] === packed && cell[1] === shown)) return;
    cell[0] = packed;
    cell[1] = shown;
    target.dirty = true;
  };
  eachCharacter(text, (shown, cells) => {
    put(shown);
    if (cells === 2) put(secondHalf);
  });
}
