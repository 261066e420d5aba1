import { eastAsianWidth } from 'get-east-asian-width';

/**
 * The width of characters in cells. `widgets/terminal.ts` patches this function into blessed, so that the layout and the
 * renderer agree: a different width for one emoji would shift the rest of its row.
 */

/**
 * The only characters that `sanitize` allows and that tmux 3.3a (glibc 2.36) shows with another width than Unicode's
 * table, measured by the cursor's position after each: trigrams, digrams, Tai Xuan Jing and counting rods, which are wide
 * only since Unicode 16, and numbers on black squares, whose width is ambiguous in Unicode.
 */
const narrowInTmux = /^[\u2630-\u2637\u268a-\u268f\u{1d300}-\u{1d376}]/u;
const wideInTmux = /^[\u3248-\u324f]/u;
const mark = /^[\p{Mn}\p{Me}]/u;
const firstMark = 0x300;
const firstWide = 0x1100;

/** The width of one code point in cells: 0 (a mark on the character before it), 1, or 2. */
export function cellWidth(codePoint: number): 0 | 1 | 2 {
  if (codePoint < firstMark) return 1;
  const cached = cellWidthCache.get(codePoint);
  if (cached !== undefined) return cached;
  const width = measure(codePoint);
  cellWidthCache.set(codePoint, width);
  return width;
}

/** Caches widths, since a screen repeats a few hundred characters and each width costs a regular expression. */
const cellWidthCache = new Map<number, 0 | 1 | 2>();

function measure(codePoint: number): 0 | 1 | 2 {
  const character = String.fromCodePoint(codePoint);
  if (mark.test(character)) return 0;
  if (codePoint < firstWide) return 1;
  if (narrowInTmux.test(character)) return 1;
  return wideInTmux.test(character) ? 2 : eastAsianWidth(codePoint);
}

/** Characters of one cell and one code unit, which fill most of a frame: ASCII, Latin, quotes, lines, blocks, Braille. */
const plain = /^[\x20-\x7e\xa0-\u02ff\u2010-\u2027\u2500-\u25fc\u2800-\u28ff]*$/;

/** The width of a one-line text in cells. */
export function textWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let cells = 0;
  // Uses an index, since an iterator would create an object for each character of each frame.
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) ?? 0;
    cells += cellWidth(codePoint);
    at += codeUnits(codePoint);
  }
  return cells;
}

function codeUnits(codePoint: number): 1 | 2 {
  return codePoint > 0xffff ? 2 : 1;
}

/** Calls `visit` for each character of a text, including its marks, with its width. Skips marks without a character. */
export function eachCharacter(text: string, visit: (shown: string, cells: 1 | 2) => void): void {
  const isPlain = plain.test(text);
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) ?? 0;
    const cells = isPlain ? 1 : cellWidth(codePoint);
    let end = at + codeUnits(codePoint);
    if (!isPlain) end = pastMarks(text, end);
    if (cells !== 0) visit(text.slice(at, end), cells);
    at = end;
  }
}

/** The index after the marks that begin at `from`; `from` itself if there are none. */
function pastMarks(text: string, from: number): number {
  let end = from;
  while (end < text.length) {
    const codePoint = text.codePointAt(end) ?? 0;
    if (cellWidth(codePoint) !== 0) break;
    end += codeUnits(codePoint);
  }
  return end;
}

/** The longest beginning of a text that fits into `cells`; marks stay with their character. */
export function takeCells<T extends string>(text: T, cells: number): T {
  if (plain.test(text)) return text.slice(0, Math.max(0, cells)) as T;
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += cellWidth(character.codePointAt(0) ?? 0);
    if (used > cells) break;
    end += character.length;
  }
  return text.slice(0, end) as T;
}

/** The text, shortened to fit into `cells`. A shortened text ends in `ellipsis`. */
export function truncate<T extends string>(text: T, cells: number, ellipsis = '…'): T {
  if (textWidth(text) <= cells) return text;
  const room = cells - textWidth(ellipsis);
  return (room < 0 ? takeCells(text, cells) : takeCells(text, room) + ellipsis) as T;
}

/** The text (for example a path), shortened at its start to fit into `cells`. A shortened text begins with `ellipsis`. */
function truncateStart(text: string, cells: number, ellipsis: string): string {
  if (textWidth(text) <= cells) return text;
  let room = cells - textWidth(ellipsis);
  if (room < 0) return takeCells(text, cells);
  let end = '';
  for (const character of [...text].reverse()) {
    room -= cellWidth(character.codePointAt(0) ?? 0);
    if (room < 0) break;
    end = character + end;
  }
  // Without its character, a mark would be shown on the ellipsis.
  return ellipsis + end.replace(/^\p{M}+/u, '');
}

/** A text of exactly `cells`: shortened with `ellipsis`, or filled with spaces on the side opposite to `align`. */
export function fitCells(
  text: string,
  cells: number,
  align: 'left' | 'right' = 'left',
  ellipsis = '…',
  keeps: 'start' | 'end' = 'start',
): string {
  const cut = keeps === 'end' ? truncateStart(text, cells, ellipsis) : truncate(text, cells, ellipsis);
  const fill = ' '.repeat(Math.max(0, cells - textWidth(cut)));
  return align === 'left' ? cut + fill : fill + cut;
}
