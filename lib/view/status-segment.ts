import type { Board } from '../domain/board.ts';
import type { Glyphs } from './glyphs.ts';
import { type StateCount, stateCounts } from './state-counts.ts';

/** The pieces of the one-line status, as in `?2 ▶4 ○3`; a zero of idle sessions where there are none at all. */
export function segmentParts(board: Board, glyphs: Glyphs): (StateCount & { readonly text: string })[] {
  const counts = stateCounts(board, glyphs);
  const nobody: StateCount = { count: 0, glyph: glyphs.idle, word: 'idle', style: 'idle' };
  return (counts.length > 0 ? counts : [nobody]).map((each) => ({
    ...each,
    text: `${each.glyph}${each.count}`,
  }));
}
