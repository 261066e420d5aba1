import type { Board, Row } from '../domain/board/board.ts';
import { figuresOfAll } from '../domain/board/totals.ts';
import { tokensLastMinute } from '../domain/session/tokens.ts';
import { compactCount, percent } from '../text/format.ts';
import { fitCells } from '../text/width.ts';
import { contextStyle } from './cell-style.ts';
import type { FrameInput } from './frame-input.ts';
import type { Glyphs } from './glyphs.ts';
import type { Rect } from './layout.ts';
import { type Line, type Span, span, spread } from './line.ts';
import { boxed, type Panel, panel } from './panel.ts';

const rateCells = 6;

/** Returns the tokens per minute of all sessions and of the busiest ones. All lines share one scale from 0. */
export function tokensPanel(board: Board, rect: Rect, input: FrameInput): Panel {
  const { tokensPerMinute: all = [] } = figuresOfAll(board);
  const inside = rect.width - 2;
  const busiest = [...board.rows]
    .filter((row) => recentTokens(row) > 0)
    .sort((a, b) => recentTokens(b) - recentTokens(a))
    .slice(0, Math.max(0, rect.height - 3));
  const titleCells = Math.min(24, Math.floor(inside / 4));
  const cells = inside - titleCells - rateCells - 4;
  const max = maxOf([all, ...busiest.map((row) => row.tokensPerMinute ?? [])], cells);
  const lines = [
    gauge('all', all),
    ...busiest.map((row) => gauge(row.session?.title ?? row.key, row.tokensPerMinute ?? [])),
  ];
  const title = [span('tokens/min', 'label'), span(' '), ...scale(max)];
  return panel('tokens', rect, boxed(title, lines, rect, input), input);

  function gauge(name: string, samples: readonly number[]): Line {
    const last = tokensLastMinute(samples);
    return {
      spans: [
        span(` ${fitCells(name, titleCells, 'left', input.glyphs.ellipsis)} `),
        span(sparkline(samples, cells, max, input.glyphs), 'spark'),
        span(` ${fitCells(last === undefined ? '' : compactCount(last), rateCells, 'right')} `),
      ],
    };
  }
}

/** Returns how full the models' windows are, the fullest first. */
export function contextPanel(board: Board, rect: Rect, input: FrameInput): Panel {
  const inside = rect.width - 2;
  const titleCells = Math.min(24, Math.floor(inside / 3));
  const barCells = inside - titleCells - 20;
  const lines = fullest(board)
    .slice(0, Math.max(0, rect.height - 2))
    .map((row) => {
      const { percent: share = 0, usedTokens, limitTokens } = row.context;
      const { full, empty } = bar(share, Math.max(0, barCells), input.glyphs);
      const used = usedTokens === undefined ? '' : compactCount(usedTokens);
      const limit = limitTokens === undefined ? '' : `/${compactCount(limitTokens)}`;
      return {
        spans: [
          span(` ${fitCells(row.session?.title ?? row.key, titleCells, 'left', input.glyphs.ellipsis)} `),
          span(full, contextStyle(share)),
          span(empty, 'border'),
          span(fitCells(percent(share), 6, 'right'), contextStyle(share)),
          span(`${fitCells(used + limit, 11, 'right')} `, 'muted'),
        ],
      };
    });
  const shown = lines.length > 0 ? lines : [{ spans: [span(' nothing known yet', 'muted')] }];
  return panel('context', rect, boxed([span('context', 'label')], shown, rect, input), input);
}

/** Returns both gauges in one line for smaller screens: tokens of all sessions, and the fullest window. */
export function gaugeLine(board: Board, rect: Rect, input: FrameInput): Panel {
  const fullestRow = fullest(board)[0];
  const cells = Math.max(8, Math.min(30, Math.floor(rect.width / 4)));
  const { tokensPerMinute: all = [] } = figuresOfAll(board);
  const max = maxOf([all], cells);
  const left: Span[] = [
    span(' tokens/min ', 'label'),
    span(sparkline(all, cells, max, input.glyphs), 'spark'),
    span(` ${compactCount(tokensLastMinute(all) ?? 0)}`),
    ...(rect.width >= 100 ? scale(max) : []),
  ];
  const share = fullestRow?.context.percent;
  const right: Span[] = [];
  if (fullestRow && share !== undefined && rect.width >= 70) {
    const { full, empty } = bar(share, 10, input.glyphs);
    const title = fitCells(fullestRow.session?.title ?? '', 16, 'left', input.glyphs.ellipsis);
    right.push(span('fullest ', 'label'), span(`${title} `));
    right.push(span(full, contextStyle(share)), span(empty, 'border'));
    right.push(span(` ${percent(share)} `, contextStyle(share)));
  }
  return panel('gauge-line', rect, [spread(left, right, rect.width, input.glyphs.ellipsis)], input);
}

function scale(max: number): Span[] {
  return max > 0 ? [span(` 0-${compactCount(max)}`, 'muted')] : [];
}

function maxOf(series: readonly (readonly number[])[], cells: number): number {
  let max = 0;
  for (const samples of series) {
    for (const sample of cells > 0 ? samples.slice(-cells) : []) if (sample > max) max = sample;
  }
  return max;
}

/** Tokens of the last ten minutes. A longer time keeps the order of the busiest sessions stable. */
function recentTokens(row: Row): number {
  let sum = 0;
  for (const sample of row.tokensPerMinute?.slice(-10) ?? []) if (sample > 0) sum += sample;
  return sum;
}

function fullest(board: Board): Row[] {
  return board.rows
    .filter((row) => row.context.percent !== undefined)
    .sort((a, b) => (b.context.percent ?? 0) - (a.context.percent ?? 0));
}

/**
 * The newest samples as blocks, oldest left, on a scale from 0 to `max`. Does not use blessed-contrib's sparkline: it
 * draws the oldest samples, scales each line to its own range, so that a constant rate is invisible, and parses tags in
 * titles (measured on 4.11.0).
 */
function sparkline(samples: readonly number[], cells: number, max: number, glyphs: Glyphs): string {
  const { levels } = glyphs;
  const shown = cells > 0 ? samples.slice(-cells) : [];
  const blocks = shown.map((sample) => levels[level(sample, max, levels.length)] ?? ' ');
  return (levels[0] ?? ' ').repeat(Math.max(0, cells - blocks.length)) + blocks.join('');
}

/** Index of the block: 0 only for no tokens, so that the smallest rate stays visible. */
function level(sample: number, max: number, steps: number): number {
  if (!(sample > 0) || !(max > 0)) return 0;
  return Math.min(steps - 1, Math.max(1, Math.round((sample / max) * (steps - 1))));
}

/** A bar of `cells`, filled to a share in percent; a share above 100 fills it. */
function bar(
  share: number,
  cells: number,
  glyphs: Glyphs,
): { readonly full: string; readonly empty: string } {
  const filled = Math.min(cells, Math.max(0, Math.round((share / 100) * cells)));
  return { full: glyphs.full.repeat(filled), empty: glyphs.empty.repeat(cells - filled) };
}
