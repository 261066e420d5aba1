import { cellWidth, fitCells, takeCells, textWidth } from './width.ts';

/** How often a text that scrolls moves on by a cell. */
export const tickerStepMs = 250;
const gap = '   ';

/**
 * A text as so many cells show it at a moment: one that does not fit passes by, cell by cell, and begins again after a
 * gap. A wide character that is cut at the left edge is a blank.
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
