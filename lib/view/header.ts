import type { Board } from '../domain/board.ts';
import type { UiState } from '../domain/ui-state.ts';
import { clockTime, compactCount, money } from '../text/format.ts';
import type { FrameContext } from './frame-context.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, type Span, span, spansWidth, spread } from './line.ts';
import { stateCounts } from './state-counts.ts';

const gap = span('   ');

/** The top line: who needs you, what the others do, what today came to, and the time; the less urgent goes first. */
export function headerLine(board: Board, ui: UiState, context: FrameContext): Line {
  const { cols, glyphs } = context;
  const left: Span[] = [span(' '), span('otop', 'brand')];
  if (board.demo) left.push(span(' '), span(' DEMO ', 'badge'));
  if (ui.frozen) left.push(span(' '), span(' PAUSED ', 'badge'));
  const clock = [span(clockTime(context.nowMs, context.utcOffsetMinutes), 'muted'), span(' ')];
  let room = cols - spansWidth(left) - 1;
  for (const part of fittingCounts(board, glyphs, room)) {
    left.push(gap, part);
    room -= spansWidth([gap, part]);
  }
  const right: Span[] = [];
  for (const part of [clock, ...totalSpans(board)]) {
    const width = spansWidth(part) + (right.length > 0 ? 2 : 0);
    if (width > room) break;
    right.unshift(...part, ...(right.length > 0 ? [span('  ')] : []));
    room -= width;
  }
  return spread(left, right, cols, glyphs.ellipsis);
}

/** The counts with their words where all fit, else with their glyphs alone, as many as fit. */
function fittingCounts(board: Board, glyphs: Glyphs, room: number): Span[] {
  const worded = countSpans(board, glyphs);
  const cells = (parts: readonly Span[]) => spansWidth(parts) + parts.length * spansWidth([gap]);
  if (cells(worded) <= room) return worded;
  const short = worded.map((each) => ({ ...each, text: each.text.split(' ').slice(0, 2).join(' ') }));
  let count = short.length;
  while (cells(short.slice(0, count)) > room) count -= 1;
  return short.slice(0, count);
}

/** The counts in words, those that need you first; states nobody is in are left out. */
export function countSpans(board: Board, glyphs: Glyphs): Span[] {
  const shown = stateCounts(board, glyphs);
  if (shown.length === 0) return [span('no sessions', 'muted')];
  return shown.map(({ count, glyph, word, style }) => span(`${glyph} ${count} ${word}`, style));
}

/** Today's sums, the one kept longest first. */
function totalSpans(board: Board): Span[][] {
  const { today } = board;
  if (!today) return [];
  const { tokens } = today;
  const sent = tokens.input + tokens.cacheRead + tokens.cacheWrite;
  const progress = board.totalsProgress;
  const parts: Span[][] = [];
  if (today.cost !== undefined) parts.push([span(money(today.cost), 'strong')]);
  parts.push([span('out ', 'muted'), span(compactCount(tokens.output + tokens.reasoning))]);
  parts.push([span('in ', 'muted'), span(compactCount(sent))]);
  const counting = progress !== undefined && progress < 1 ? ` (${Math.floor(progress * 100)}%)` : '';
  parts.push([span('today ', 'muted'), span(`${today.sessionCount} sessions${counting}`)]);
  return parts;
}
