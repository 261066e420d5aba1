import { eastAsianWidth } from 'get-east-asian-width';

/**
 * How many cells a character takes. One function for layout and renderer alike: `widgets/terminal.ts` patches it into
 * blessed, because two opinions about one emoji shift the rest of the row.
 */

/**
 * tmux 3.3a (glibc 2.36) differs from Unicode's table in these alone, of all characters that both know and that
 * `sanitize` lets through: compared with the cursor's position after each. Trigrams, digrams, Tai Xuan Jing and
 * counting rods, wide only since Unicode 16; and numbers on black squares, whose width Unicode calls ambiguous.
 */
const narrowInTmux = /^[\u2630-\u2637\u268a-\u268f\u{1d300}-\u{1d376}]/u;
const wideInTmux = /^[\u3248-\u324f]/u;
const mark = /^[\p{Mn}\p{Me}]/u;
const firstMark = 0x300;
const firstWide = 0x1100;

/** Cells of one code point: 0 (a mark on the character before it), 1, or 2. */
export function cellWidth(codePoint: number): 0 | 1 | 2 {
  if (codePoint < firstMark) return 1;
  const cached = cellWidthCache.get(codePoint);
  if (cached !== undefined) return cached;
  const width = measure(codePoint);
  cellWidthCache.set(codePoint, width);
  return width;
}

/** Property classes cost a regular expression each; a screen shows the same few hundred characters again and again. */
const cellWidthCache = new Map<number, 0 | 1 | 2>();

function measure(codePoint: number): 0 | 1 | 2 {
  const character = String.fromCodePoint(codePoint);
  if (mark.test(character)) return 0;
  if (codePoint < firstWide) return 1;
  if (narrowInTmux.test(character)) return 1;
  return wideInTmux.test(character) ? 2 : eastAsianWidth(codePoint);
}

/** One cell and one code unit each: ASCII, Latin, dashes and quotes, lines, blocks, shapes and Braille. Most of any frame. */
const plain = /^[\x20-\x7e\xa0-\u02ff\u2010-\u2027\u2500-\u25fc\u2800-\u28ff]*$/;

/** Cells that a text takes on one line. */
export function textWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let cells = 0;
  // By index: an iterator makes an object for each character of each frame.
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

/**
 * Calls back for each character of a text with the cells it takes, the marks on it included; marks on nothing are left
 * out.
 */
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

/** Where the marks that stand at this place end. */
function pastMarks(text: string, from: number): number {
  let end = from;
  while (end < text.length) {
    const codePoint = text.codePointAt(end) ?? 0;
    if (cellWidth(codePoint) !== 0) break;
    end += codeUnits(codePoint);
  }
  return end;
}

/** The longest beginning of a text that fits into so many cells; marks stay with their character. */
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

/** A text that fits into so many cells; where something had to go, it ends in `ellipsis`. */
export function truncate<T extends string>(text: T, cells: number, ellipsis = '…'): T {
  if (textWidth(text) <= cells) return text;
  const room = cells - textWidth(ellipsis);
  return (room < 0 ? takeCells(text, cells) : takeCells(text, room) + ellipsis) as T;
}

/** The end of a text that fits into so many cells, as of a path; where something had to go, it begins with `ellipsis`. */
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
  // A mark whose character had no room would stand on the ellipsis.
  return ellipsis + end.replace(/^\p{M}+/u, '');
}

/** A text of exactly so many cells: cut with `ellipsis`, or filled with spaces on the side away from `align`. */
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
