import { cellWidth, fitCells, takeCells, textWidth } from './width.ts';

/** A scrolling text moves by one cell in this time. */
export const tickerStepMs = 250;
const gap = '   ';

/**
 * Returns a text of exactly `cells` cells. A longer text scrolls cell by cell with `nowMs` and starts again after a
 * gap. A wide character that is cut at the left edge becomes a blank.
 */
export function ticker(text: string, cells: number, nowMs: number): string {
  if (textWidth(text) <= cells) return fitCells(text, cells);
  const loop = text + gap;
  const passed = Math.floor(nowMs / tickerStepMs) % textWidth(loop);
  let left = 0;
  let from = 0;
  for (const character of loop) {
    if (left >= passed) break;
    left += cellWidth(character.codePointAt(0) ?? 0);
    from += character.length;
  }
  const rest = ' '.repeat(Math.max(0, left - passed)) + loop.slice(from) + loop;
  return fitCells(takeCells(rest, cells), cells);
}
