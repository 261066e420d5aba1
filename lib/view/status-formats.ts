import type { Board } from '../domain/board/board.ts';
import type { StatusFormat } from '../domain/board/status-format-names.ts';
import { type StatusDocument, statusSchemaVersion } from '../domain/schema/status.ts';
import { capitalized, compactCount } from '../text/format.ts';
import { xtermHex } from '../text/sgr.ts';
import type { Glyphs } from './glyphs.ts';
import { type StateCount, stateCounts } from './state-counts.ts';
import { type StatusGroup, statusGroups } from './status-groups.ts';
import type { StyleName } from './theme.ts';
import { themeStyles } from './themes.ts';

/** Bars have a look of their own: one set of colours for all. */
const styles = themeStyles('default');

/** The status of a Board in a bar's own language, without the last line's end. */
export function statusText(board: Board, format: StatusFormat, glyphs: Glyphs): string {
  switch (format) {
    case 'plain':
      return plain(board, glyphs);
    case 'tmux':
      return tmux(board, glyphs);
    case 'swiftbar':
      return swiftbar(board, glyphs);
    case 'waybar':
      return waybar(board, glyphs);
    case 'json':
      return json(board, glyphs);
    default:
      return format satisfies never;
  }
}

/** What a bar shows where there is no status: a warning, and why in its menu. `why` is a sanitised line. */
export function statusTrouble(why: string, format: StatusFormat): string {
  switch (format) {
    case 'swiftbar':
      return ['otop ! | color=#ff3b30', '---', `${swiftbarText(why)} | ${still}`, '---', refresh].join('\n');
    case 'waybar':
      return JSON.stringify({ text: 'otop !', tooltip: pangoText(why), class: ['trouble'], alt: 'trouble' });
    case 'plain':
    case 'tmux':
    case 'json':
      return '';
    default:
      return format satisfies never;
  }
}

function plain(board: Board, glyphs: Glyphs): string {
  return segmentParts(board, glyphs)
    .map(({ text }) => text)
    .join(' ');
}

/** Colours as tmux's styles; nothing of a session's own text, so that no title can be a format. */
function tmux(board: Board, glyphs: Glyphs): string {
  // A `#` of the ASCII signs would begin a style.
  const literal = (text: string) => text.replaceAll('#', '##');
  return segmentParts(board, glyphs)
    .map(({ text, style }) => {
      const { fg, bold } = styles[style];
      const color = fg === undefined ? 'default' : `colour${fg}`;
      return `#[fg=${color}${bold ? ',bold' : ''}]${literal(text)}#[default]`;
    })
    .join(' ');
}

/** The basic colours, which SwiftBar takes from the theme of the menu bar. */
const ansiColors: Partial<Record<StyleName, number>> = {
  asking: 33,
  failed: 31,
  unread: 35,
  working: 32,
  stale: 90,
};

/** Titles are text: neither `:smile:`, `:sun.max:` nor an escape in them means anything. */
const still = 'emojize=false symbolize=false ansi=false';
const refresh = 'Refresh | refresh=true';

/** The menu bar's line, and below `---` the sessions by group, as the Go otop's `bar-status` has them. */
function swiftbar(board: Board, glyphs: Glyphs): string {
  const title = segmentParts(board, glyphs).map(({ text, style }) => {
    const color = ansiColors[style];
    return color === undefined ? text : `\x1b[${color}m${text}\x1b[0m`;
  });
  const groups = statusGroups(board, glyphs);
  const today = todayText(board);
  return [
    `${title.join(' ')} | ansi=true`,
    '---',
    ...(groups.length === 0 ? [`no sessions running | color=${hexOf('stale')}`] : []),
    ...groups.flatMap(swiftbarGroup),
    ...(today === '' ? [] : ['---', `${today} | color=${hexOf('muted')} size=11`]),
    '---',
    refresh,
  ].join('\n');
}

function swiftbarGroup({ name, style, sessions }: StatusGroup): string[] {
  const head = `${capitalized(name)} (${sessions.length}) | color=${hexOf(style)} size=13`;
  const lines = sessions.map(
    (each) => `${swiftbarText(each.text)} | color=${hexOf(each.style)} size=12 ${still}`,
  );
  return [head, ...lines];
}

/**
 * `|` would begin the parameters and a written `\n` break the line: both become look-alikes. Every line begins with a
 * sign of ours, so none is a separator (`---`) or a submenu (`--`).
 */
function swiftbarText(text: string): string {
  return text
    .replaceAll('|', '¦')
    .replaceAll('\\', '∖')
    .replace(/[\r\n]+/g, ' ');
}

/** One line of JSON, as waybar's `return-type: json` wants it; `text` and `tooltip` are Pango markup. */
function waybar(board: Board, glyphs: Glyphs): string {
  const parts = segmentParts(board, glyphs);
  const groups = statusGroups(board, glyphs);
  const today = todayText(board);
  const tooltip = groups.flatMap(({ name, style, sessions }) => [
    `<b>${pangoSpan(`${capitalized(name)} (${sessions.length})`, style)}</b>`,
    ...sessions.map((each) => pangoSpan(each.text, each.style)),
  ]);
  return JSON.stringify({
    text: parts.map(({ text, style }) => pangoSpan(text, style)).join(' '),
    alt: (groups[0]?.name ?? 'none').replace(' ', '-'),
    tooltip: [...(tooltip.length === 0 ? ['no sessions'] : tooltip), ...(today === '' ? [] : [today])].join(
      '\n',
    ),
    class: groups.map(({ name }) => name.replace(' ', '-')),
  });
}

function pangoSpan(text: string, style: StyleName): string {
  return `<span color='${hexOf(style)}'>${pangoText(text)}</span>`;
}

function pangoText(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    "'": '&#39;',
    '"': '&quot;',
  };
  return text.replace(/[&<>'"]/g, (character) => entities[character] ?? '');
}

function json(board: Board, glyphs: Glyphs): string {
  const document: StatusDocument = {
    schema_version: statusSchemaVersion,
    timestamp: board.atMs,
    text: plain(board, glyphs),
    needs_you_count: board.needsYouCount,
    needs_you: board.needsYouCount,
    unread: board.unreadCount,
    counts: board.counts,
    groups: statusGroups(board, glyphs).map(({ name, sessions }) => ({
      name,
      sessions: sessions.map(({ key, text }) => ({ key, text })),
    })),
  };
  return JSON.stringify(document);
}

/** True of a format that shows today's sums. */
export function showsSums(format: StatusFormat): boolean {
  return format === 'swiftbar' || format === 'waybar';
}

/** Empty while the sums are not complete: a part of them would be wrong. */
function todayText({ today, totalsProgress }: Board): string {
  if (!today || totalsProgress !== undefined) return '';
  const { input, cacheRead } = today.tokens;
  return `today: ${today.sessionCount} sessions · ${today.messageCount} msgs · ${compactCount(input + cacheRead)} ctx`;
}

function hexOf(style: StyleName): string {
  return xtermHex(styles[style].fg ?? 250);
}

/** A count and how it is written. */
type Segment = Omit<StateCount, 'filter'> & { readonly text: string };

/** The pieces of the one-line status, as in `?2 ▶4 ○3`; a zero of idle sessions where there are none at all. */
function segmentParts(board: Board, glyphs: Glyphs): Segment[] {
  const counts = stateCounts(board, glyphs);
  const nobody: Omit<StateCount, 'filter'> = { count: 0, glyph: glyphs.idle, word: 'idle', style: 'idle' };
  return (counts.length > 0 ? counts : [nobody]).map((each) => ({
    ...each,
    text: `${each.glyph}${each.count}`,
  }));
}
