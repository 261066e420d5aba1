import type { Board } from '../domain/board/board.ts';
import { figuresOfAll } from '../domain/board/totals.ts';
import { sentTokens, writtenTokens } from '../domain/session/tokens.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import { clockTime, compactCount, money } from '../text/format.ts';
import type { FrameInput } from './frame-input.ts';
import type { Glyphs } from './glyphs.ts';
import type { Rect } from './layout.ts';
import { type Span, span, spansWidth, spread } from './line.ts';
import { type Panel, panel, type Target } from './panel.ts';
import { type StateCount, stateCounts } from './state-counts.ts';

const gap = span('   ');
const noSessions = span('no sessions', 'muted');

/**
 * Returns the top line: counts of states, today's totals and the time. A narrow screen drops the least urgent part first.
 * A click on a count filters by it; a click on the active one clears the filter.
 */
export function headerPanel(board: Board, ui: UiState, rect: Rect, input: FrameInput): Panel {
  const { cols, glyphs } = input;
  const left: Span[] = [span(' '), span('otop', 'brand')];
  if (board.demo) left.push(span(' '), span(' DEMO ', 'badge'));
  if (ui.frozen) left.push(span(' '), span(' PAUSED ', 'badge'));
  const clock = [span(clockTime(input.nowMs, input.utcOffsetMinutes), 'muted'), span(' ')];
  const counts = stateCounts(board, glyphs);
  if (counts.length === 0) left.push(gap, noSessions);
  let room = cols - spansWidth(left) - 1;
  const targets: Target[] = [];
  for (const { count, text } of fittingCounts(counts, room)) {
    const part = span(text, ui.filter?.text === count.filter ? 'badge' : count.style);
    left.push(gap, part);
    const width = spansWidth([part]) + 2;
    const action = { type: 'filter-toggle', text: count.filter } as const;
    targets.push({ top: 0, left: spansWidth(left) - width + 1, width, height: 1, action });
    room -= spansWidth([gap, part]);
  }
  const right: Span[] = [];
  for (const part of [clock, ...totalSpans(board)]) {
    const width = spansWidth(part) + (right.length > 0 ? 2 : 0);
    if (width > room) break;
    right.unshift(...part, ...(right.length > 0 ? [span('  ')] : []));
    room -= width;
  }
  return panel('header', rect, [spread(left, right, cols, glyphs.ellipsis)], input, targets);
}

interface ShownCount {
  readonly count: StateCount;
  readonly text: string;
}

/** The counts with words if all fit; else as many as fit with glyphs only. */
function fittingCounts(counts: readonly StateCount[], room: number): ShownCount[] {
  const cells = (shown: readonly ShownCount[]) =>
    shown.reduce((sum, { text }) => sum + spansWidth([gap, span(text)]), 0);
  const worded = counts.map((count) => ({ count, text: wordedCount(count) }));
  if (cells(worded) <= room) return worded;
  const short = counts.map((count) => ({ count, text: `${count.glyph} ${count.count}` }));
  let fitting = short.length;
  while (cells(short.slice(0, fitting)) > room) fitting -= 1;
  return short.slice(0, fitting);
}

const wordedCount = ({ count, glyph, word }: StateCount) => `${glyph} ${count} ${word}`;

/** Returns the counts with words, states that need the person first. Zero counts are left out. */
export function countSpans(board: Board, glyphs: Glyphs): Span[] {
  const shown = stateCounts(board, glyphs);
  if (shown.length === 0) return [noSessions];
  return shown.map((count) => span(wordedCount(count), count.style));
}

/** Today's totals, in the order in which a narrow screen keeps them. */
function totalSpans(board: Board): Span[][] {
  const { today } = figuresOfAll(board);
  if (!today) return [];
  const { tokens } = today;
  const progress = board.totalsProgress;
  const parts: Span[][] = [];
  if (today.cost !== undefined) parts.push([span(money(today.cost), 'strong')]);
  parts.push([span('out ', 'muted'), span(compactCount(writtenTokens(tokens)))]);
  parts.push([span('in ', 'muted'), span(compactCount(sentTokens(tokens)))]);
  const counting = progress !== undefined && progress < 1 ? ` (${Math.floor(progress * 100)}%)` : '';
  parts.push([span('today ', 'muted'), span(`${today.sessionCount} sessions${counting}`)]);
  return parts;
}
