import { xtermHex } from '../../lib/text/sgr.ts';
import { ansiText, type StyledCell } from '../../lib/view/frame.ts';
import type { Caption, Film } from './record.ts';

/** Rows below the terminal for the caption. */
const captionRows = 2;

type CastEvent = readonly [atSeconds: number, code: 'o' | 'm', text: string];

/**
 * Writes a film as an asciicast of version 2 (docs.asciinema.org/manual/asciicast/v2), for `asciinema play` and players on
 * web pages: each frame as the cells that changed, and a marker at each new caption. It has no time stamp, so that equal
 * films give equal files.
 */
export function filmToCast(film: Film): string {
  const header = {
    version: 2,
    width: film.cols,
    height: film.rows + captionRows,
    duration: film.durationMs / 1000,
    title: 'otop',
    env: { TERM: 'xterm-256color' },
    theme: {
      fg: '#d0d0d0',
      bg: '#16181d',
      palette: Array.from({ length: 16 }, (_, color) => xtermHex(color)).join(':'),
    },
  };
  return `${[header, ...eventsOf(film)].map((line) => JSON.stringify(line)).join('\n')}\n`;
}

function eventsOf({ frames, durationMs, rows, cols }: Film): CastEvent[] {
  const events: CastEvent[] = [];
  let shown: readonly (readonly StyledCell[])[] = [];
  let caption: Caption | undefined;
  for (const frame of frames) {
    const atSeconds = frame.atMs / 1000;
    const next = [...frame.cells, [], captionCells(frame.caption, cols)];
    const changes = next.map((row, index) => changedCells(shown[index], row, index)).join('');
    if (caption?.text !== frame.caption.text) events.push([atSeconds, 'm', frame.caption.text]);
    // Hides the cursor and clears the screen before the first frame.
    events.push([atSeconds, 'o', `${caption ? '' : '\x1b[?25l\x1b[2J'}${changes}`]);
    shown = next;
    caption = frame.caption;
  }
  return [...events, [durationMs / 1000, 'o', `\x1b[${rows + captionRows};1H\x1b[?25h`]];
}

/** Moves the cursor to the first cell that differs, and writes up to the last one; an empty text if none does. */
function changedCells(
  before: readonly StyledCell[] | undefined,
  row: readonly StyledCell[],
  index: number,
): string {
  if (before === row) return '';
  const differs = (one: StyledCell, col: number) => JSON.stringify(one) !== JSON.stringify(before?.[col]);
  let first = row.findIndex(differs);
  if (first < 0) return '';
  let last = row.findLastIndex(differs);
  // A wide character is written whole: its second cell is empty.
  while (first > 0 && row[first]?.text === '') first -= 1;
  while (row[last + 1]?.text === '') last += 1;
  return `\x1b[${index + 1};${first + 1}H${ansiText(row.slice(first, last + 1))}`;
}

function captionCells({ text, keys }: Caption, cols: number): StyledCell[] {
  const cells = [...` ${text}`].map((char): StyledCell => ({ text: char, style: { bold: true } }));
  for (const key of keys) {
    cells.push(blank);
    const cap = ` ${key.text} `;
    for (const char of cap)
      cells.push({ text: char, style: key.isLast ? { fg: 16, bg: 253, bold: true } : { bg: 238 } });
    if (key.times > 1) for (const char of ` ×${key.times}`) cells.push({ text: char, style: { fg: 248 } });
  }
  return Array.from({ length: cols }, (_, col) => cells[col] ?? blank);
}

const blank: StyledCell = { text: ' ', style: {} };
