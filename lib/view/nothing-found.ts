import type { Board } from '../domain/board/board.ts';
import { type DisplayText, sanitize, sanitizeSpaced } from '../text/sanitize.ts';
import { textWidth } from '../text/width.ts';
import { wrap } from '../text/wrap.ts';
import type { Rect } from './layout.ts';
import { type Line, span, spansWidth } from './line.ts';
import type { StyleName } from './theme.ts';

/** True if there is nothing of opencode to show or to count: no database, no process, no session of another machine. */
export function isNothingFound(board: Board): boolean {
  return board.lookedFor !== undefined && board.rows.length === 0;
}

/** What a line is about, and its text; `short` is for a narrow or low screen. */
interface Entry {
  readonly label: string;
  readonly text: string;
  readonly short: string;
}

const title = 'No opencode here yet.';

const nextSteps: readonly Entry[] = [
  {
    label: 'opencode',
    text: 'start it anywhere: its session appears here within a second',
    short: 'start it anywhere',
  },
  { label: 'otop --demo', text: 'look around in a simulated fleet', short: 'a simulated fleet' },
  { label: 'otop doctor', text: 'check all that otop depends on', short: 'check everything' },
];

const noProcess = {
  label: 'processes',
  text: 'none is opencode, in tmux or outside',
  short: 'no process',
};
const unreadProcesses = { label: 'processes', text: 'cannot be read', short: 'processes: cannot be read' };

/** The places that otop looked at, with what it found there. */
function placesOf({ lookedFor = [], hosts, troubles }: Board): Entry[] {
  const others = hosts.map(({ name, kind, link, why }) => {
    const found = link === 'live' ? 'no sessions' : (why ?? 'it has not answered yet');
    const text = `${name}: ${found}`;
    return { label: kind === 'server' ? 'server' : 'machine', text, short: text };
  });
  const noServer = { label: 'servers', text: 'none here, and none named', short: 'no server' };
  return [
    ...lookedFor.map((path) => ({ label: 'database', text: `no ${path}`, short: path })),
    troubles.some(({ source }) => source === 'processes') ? unreadProcesses : noProcess,
    ...(others.length > 0 ? others : [noServer]),
  ];
}

const labelCells = Math.max(...nextSteps.map(({ label }) => textWidth(label))) + 2;

/** Returns what otop looked at and what to do next as lines of text, for the terminal of a command. */
export function nothingFoundText(board: Board): DisplayText[] {
  const indented = ({ label, text }: Entry) => sanitizeSpaced(`  ${label.padEnd(labelCells)}${text}`);
  const [looked, next] = [sanitize('looked at'), sanitize('next')];
  return [sanitize(title), looked, ...placesOf(board).map(indented), next, ...nextSteps.map(indented)];
}

/** Returns the same as the lines of an empty screen, in the middle of the rectangle; fewer words where room is short. */
export function nothingFoundLines(board: Board, { width, height }: Rect): Line[] {
  const whole = wholeLines(board);
  const widest = widestOf(whole);
  const isRoomy = whole.length < height && widest <= width - 4;
  const lines = isRoomy ? whole : shortLines(board, width - 1, height);
  const left = isRoomy ? Math.floor((width - widest) / 2) : 1;
  const above = Math.max(0, Math.floor((height - lines.length) / 3));
  const blank: Line = { spans: [] };
  return [
    ...Array.from({ length: above }, () => blank),
    ...lines.map(({ spans }) => ({ spans: [span(' '.repeat(left)), ...spans] })),
  ];
}

function widestOf(lines: readonly Line[]): number {
  return Math.max(...lines.map(({ spans }) => spansWidth(spans)));
}

function wholeLines(board: Board): Line[] {
  const line = ({ label, text }: Entry, style: StyleName): Line => ({
    spans: [span(`  ${label.padEnd(labelCells)}`, style), span(sanitize(text), 'plain')],
  });
  return [
    heading(title, 'strong'),
    { spans: [] },
    heading('Looked at'),
    ...placesOf(board).map((place) => line(place, 'muted')),
    { spans: [] },
    heading('Next'),
    ...nextSteps.map((step) => line(step, 'key')),
  ];
}

/** No labels for the places, no blank lines; no headings and no places if the steps would have no room. */
function shortLines(board: Board, width: number, height: number): Line[] {
  const places = placesOf(board)
    .flatMap(({ short }) => wrap(sanitize(short), Math.max(1, width - 2)))
    .map((place): Line => ({ spans: [span(`  ${place}`, 'muted')] }));
  const steps = nextSteps.map(
    ({ label, short }): Line => ({ spans: [span(`  ${label.padEnd(labelCells)}`, 'key'), span(short)] }),
  );
  const all = [heading(title, 'strong'), heading('Looked at'), ...places, heading('Next'), ...steps];
  const withoutHeadings = [heading(title, 'strong'), ...places, ...steps];
  const least = [heading(title, 'strong'), ...steps];
  return [all, withoutHeadings].find(({ length }) => length <= height) ?? least;
}

function heading(text: string, style: StyleName = 'label'): Line {
  return { spans: [span(text, style)] };
}
