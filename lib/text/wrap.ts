import { takeCells, textWidth } from './width.ts';

/**
 * Breaks a line at blanks, and inside words that are longer than a line. Further lines start with `indent` spaces. The
 * lines of a printable text are printable.
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

/** Returns the part of a text for a line of `cells` cells: at least one character, and up to the last blank that fits. */
function breakAt(text: string, cells: number): string {
  const fitting = takeCells(text, cells);
  if (fitting.length === text.length) return text;
  // A wide character does not fit into a line of one cell. The line takes it anyway, and the frame cuts it.
  if (fitting === '') return String.fromCodePoint(text.codePointAt(0) ?? 32);
  if (text[fitting.length] === ' ') return fitting;
  const blank = fitting.trimStart().lastIndexOf(' ');
  return blank <= 0 ? fitting : fitting.slice(0, fitting.length - fitting.trimStart().length + blank + 1);
}
