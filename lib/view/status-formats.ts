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

/** Status bars ignore otop's theme setting, since they have their own style. */
const styles = themeStyles('default');

/** Returns the status of a Board in a bar's format, without a line break at the end. */
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

/** Returns the warning of a bar if there is no status; empty for plain, tmux and json. `why` is a sanitised line. */
export function statusTrouble(why: string, format: StatusFormat): string {
  switch (format) {
    case 'swiftbar':
      return ['otop ! | color=#ff3b30', '---', `${swiftbarText(why)} | ${literalText}`, '---', refresh].join(
        '\n',
      );
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

/** Uses tmux styles. It contains no text of a session, so a title cannot inject a tmux format. */
function tmux(board: Board, glyphs: Glyphs): string {
  // An unescaped `#` of the ASCII glyphs would begin a style.
  const literal = (text: string) => text.replaceAll('#', '##');
  return segmentParts(board, glyphs)
    .map(({ text, style }) => {
      const { fg, bold } = styles[style];
      const color = fg === undefined ? 'default' : `colour${fg}`;
      return `#[fg=${color}${bold ? ',bold' : ''}]${literal(text)}#[default]`;
    })
    .join(' ');
}

/** ANSI colours, which SwiftBar maps to the theme of the menu bar. */
const ansiColors: Partial<Record<StyleName, number>> = {
  asking: 33,
  failed: 31,
  unread: 35,
  working: 32,
  stale: 90,
};

/** Switches off emoji (`:smile:`), symbols (`:sun.max:`) and escape sequences, which titles could contain. */
const literalText = 'emojize=false symbolize=false ansi=false';
const refresh = 'Refresh | refresh=true';

/** The menu bar's line, then `---` and the sessions by group, as in the Go otop's `bar-status`. */
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
    (each) => `${swiftbarText(each.text)} | color=${hexOf(each.style)} size=12 ${literalText}`,
  );
  return [head, ...lines];
}

/**
 * Replaces `|`, which begins parameters, and `\`, which could form `\n`, by similar characters. Each line begins with a
 * glyph, so a title cannot make a separator (`---`) or a submenu (`--`).
 */
function swiftbarText(text: string): string {
  return text
    .replaceAll('|', '¦')
    .replaceAll('\\', '∖')
    .replace(/[\r\n]+/g, ' ');
}

/** One line of JSON for waybar's `return-type: json`; `text` and `tooltip` are Pango markup. */
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

/** True if a format shows today's totals. */
export function showsTotals(format: StatusFormat): boolean {
  return format === 'swiftbar' || format === 'waybar';
}

/** Today's totals. Partial ones would be wrong: until they are complete, how far otop is; empty without a database. */
function todayText({ today, totalsProgress }: Board): string {
  if (totalsProgress !== undefined) return `today: still counting (${Math.floor(totalsProgress * 100)}%)`;
  if (!today) return '';
  const { input, cacheRead } = today.tokens;
  return `today: ${today.sessionCount} sessions · ${today.messageCount} msgs · ${compactCount(input + cacheRead)} ctx`;
}

function hexOf(style: StyleName): string {
  return xtermHex(styles[style].fg ?? 250);
}

/** A count with its text. */
type Segment = Omit<StateCount, 'filter'> & { readonly text: string };

/** The parts of the one-line status, such as `?2 ▶4 ○3`; zero idle sessions if there are no sessions. */
function segmentParts(board: Board, glyphs: Glyphs): Segment[] {
  const counts = stateCounts(board, glyphs);
  const zeroIdle: Omit<StateCount, 'filter'> = { count: 0, glyph: glyphs.idle, word: 'idle', style: 'idle' };
  return (counts.length > 0 ? counts : [zeroIdle]).map((each) => ({
    ...each,
    text: `${each.glyph}${each.count}`,
  }));
}
