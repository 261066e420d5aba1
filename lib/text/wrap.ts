import { takeCells, textWidth } from './width.ts';

/**
 * Breaks a line at blanks, and inside words that are longer than a line; further lines start with `indent` spaces. What
 * is printable stays so.
 */
export function wrap<Text extends string>(line: Text, cells: number, indent = 0): Text[] {
  if (textWidth(line) <= cells) return [line];
  const hang = ' '.repeat(Math.min(indent, Math.max(0, cells - 8)));
  const lines: string[] = [];
  let rest: string = line;
  while (rest !== '') {
    const lead = lines.length === 0 ? '' : hang;
    const room = Math.max(1, cells - lead.length);
    const piece = breakAt(rest, room);
    lines.push(lead + piece.trimEnd());
    rest = rest.slice(piece.length).trimStart();
  }
  return lines as Text[];
}

/** The part of a text that goes on a line of so many cells: at least one character, at most up to the last blank. */
function breakAt(text: string, cells: number): string {
  const most = takeCells(text, cells);
  if (most.length === text.length) return text;
  // A wide character on a line of one cell: it has to go somewhere, and the frame cuts it.
  if (most === '') return String.fromCodePoint(text.codePointAt(0) ?? 32);
  if (text[most.length] === ' ') return most;
  const blank = most.trimStart().lastIndexOf(' ');
  return blank <= 0 ? most : most.slice(0, most.length - most.trimStart().length + blank + 1);
}
