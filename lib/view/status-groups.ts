import { attentionRank, attentionTime } from '../domain/board/attention.ts';
import type { Board, Row } from '../domain/board/board.ts';
import { stateWord } from '../domain/session/state.ts';
import { duration, shortDuration } from '../text/format.ts';
import { textWidth, truncate } from '../text/width.ts';
import type { Glyphs } from './glyphs.ts';
import { stateStyle } from './state-style.ts';
import type { StyleName } from './theme.ts';

/** Sessions with the same urgency, for menus and tooltips. */
export interface StatusGroup {
  readonly name: 'needs you' | 'done' | 'working' | 'idle';
  readonly style: StyleName;
  readonly sessions: readonly StatusLine[];
}

/** One session in a menu. */
interface StatusLine {
  readonly key: string;
  readonly style: StyleName;
  /** For example `? Refactor the api client · permission 3m · opus-4.6`. Sanitised, but not escaped for a format. */
  readonly text: string;
}

const titleCells = 40;

const groups: readonly Pick<StatusGroup, 'name' | 'style'>[] = [
  { name: 'needs you', style: 'asking' },
  { name: 'done', style: 'unread' },
  { name: 'working', style: 'working' },
  { name: 'idle', style: 'idle' },
];

/** Returns the groups that are not empty, the most urgent first; within a group, the order by attention. */
export function statusGroups(board: Board, glyphs: Glyphs): StatusGroup[] {
  const rows = [...board.rows].sort(
    (one, other) => attentionRank(one) - attentionRank(other) || attentionTime(one) - attentionTime(other),
  );
  return groups
    .map((group) => ({
      ...group,
      sessions: rows
        .filter((row) => groupOf(row) === group.name)
        .map((row) => statusLine(row, board.atMs, glyphs)),
    }))
    .filter(({ sessions }) => sessions.length > 0);
}

function groupOf({ state }: Row): StatusGroup['name'] {
  if (state.needsYou) return 'needs you';
  switch (state.name) {
    case 'idle':
      return state.unread ? 'done' : 'idle';
    case 'new':
    case 'stale':
      return 'idle';
    default:
      return 'working';
  }
}

function statusLine(row: Row, atMs: number, glyphs: Glyphs): StatusLine {
  const { state, session, process } = row;
  const { glyph, style } = stateStyle(state, glyphs);
  const title = session?.title ?? process?.cwdText ?? row.key;
  const since = state.sinceMs === undefined ? '' : ` ${shortDuration(atMs - state.sinceMs)}`;
  const parts = [truncate(title, titleCells, glyphs.ellipsis), `${stateWord(state)}${since}`];
  if (session?.model) parts.push(session.model.modelId);
  return { key: row.key, style, text: `${glyph} ${parts.join(glyphs.ascii ? ' - ' : ' · ')}` };
}

/** Returns one line per row in aligned columns: state, duration, title and terminal. */
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

/** The location of a row's terminal: the tmux pane, else the pid and tty. */
function whereText({ process }: Row): string {
  if (process === undefined) return 'no process';
  if (process.pane !== undefined) return `tmux ${process.pane.target}`;
  return [`pid ${process.pid}`, process.tty].filter((part) => part !== undefined).join(' ');
}
