import type { Row } from '../domain/board/board.ts';
import { stateWord } from '../domain/session/state-word.ts';
import { duration } from '../text/format.ts';
import { textWidth } from '../text/width.ts';

/** A line a row, in columns: what it waits for, how long, its title, and where it is. */
export function waitingLines(rows: readonly Row[], nowMs: number): string[] {
  const table = rows.map((row) => [
    stateWord(row.state),
    row.state.sinceMs === undefined ? '-' : duration(nowMs - row.state.sinceMs),
    row.session?.title ?? row.session?.id ?? '-',
    whereText(row),
  ]);
  const width = (column: number) => Math.max(...table.map((cells) => textWidth(cells[column] ?? '')));
  const widths = [width(0), width(1), width(2), 0];
  return table.map((cells) => cells.map((cell, column) => padded(cell, widths[column] ?? 0)).join('  '));
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** Where a row's terminal is, in words: the tmux pane, else the process and its terminal. */
function whereText({ process }: Row): string {
  if (process === undefined) return 'no process';
  if (process.pane !== undefined) return `tmux ${process.pane.target}`;
  return [`pid ${process.pid}`, process.tty].filter((part) => part !== undefined).join(' ');
}
