import type { Board } from '../domain/board/board.ts';
import type { Glyphs } from './glyphs.ts';
import { type StateCount, stateCounts } from './state-counts.ts';

/** A count and how it is written. */
type Segment = Omit<StateCount, 'filter'> & { readonly text: string };

/** The pieces of the one-line status, as in `?2 ▶4 ○3`; a zero of idle sessions where there are none at all. */
export function segmentParts(board: Board, glyphs: Glyphs): Segment[] {
  const counts = stateCounts(board, glyphs);
  const nobody: Omit<StateCount, 'filter'> = { count: 0, glyph: glyphs.idle, word: 'idle', style: 'idle' };
  return (counts.length > 0 ? counts : [nobody]).map((each) => ({
    ...each,
    text: `${each.glyph}${each.count}`,
  }));
}
