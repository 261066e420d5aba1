import { eachCharacter, textWidth } from '../lib/text/width.ts';
import type { Line } from '../lib/view/line.ts';
import type { SpanStyle, Style, StyleName, Theme } from '../lib/view/theme.ts';
import { styleOn } from '../lib/view/themes.ts';
import type { ScreenLine } from './terminal.ts';

/** blessed's packed attributes: 9 bits background, 9 bits foreground (511 is the terminal's own), then flags. */
function attributes(style: Style): number {
  const flags = (style.bold ? 1 : 0) | (style.underline ? 2 : 0) | (style.inverse ? 8 : 0);
  return (flags << 18) | ((style.fg ?? 0x1ff) << 9) | (style.bg ?? 0x1ff);
}

/** A theme's styles in blessed's form, packed once for each pair of style and background. */
export class Palette {
  #theme: Theme;
  readonly #packed = new Map<StyleName | undefined, Map<StyleName, number>>();

  constructor(theme: Theme) {
    this.#theme = theme;
  }

  /** Other colours from now on. */
  change(theme: Theme): void {
    this.#theme = theme;
    this.#packed.clear();
  }

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

/** blessed's mark for the second cell of a wide character. */
const secondHalf = '\x03';

/**
 * Writes a line into a line of the buffer from a column on, cell by cell, and marks it only where it changed. blessed's
 * own way, a string with escape codes, counts UTF-16 units instead of cells and cuts lines with emoji short. Pieces that
 * are at the same place as `before`, the line that was painted here last, are passed over.
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

/** No number where there is no span: nothing behind it is at a known place. */
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
