import type { Board } from '../domain/board/board.ts';
import { type StateName, stateGroups, stateNames } from '../domain/session/state.ts';
import type { Glyphs } from './glyphs.ts';
import type { StyleName } from './theme.ts';

/** The number of rows in one group of states, with its glyph, word and style. */
export interface StateCount {
  readonly count: number;
  readonly glyph: string;
  readonly word: string;
  readonly style: StyleName;
  /** The filter that shows exactly these rows. */
  readonly filter: string;
}

/** Returns the counts for header and status line, groups that need the person first. Zero counts are left out. */
export function stateCounts(board: Pick<Board, 'counts' | 'unreadCount'>, glyphs: Glyphs): StateCount[] {
  const { counts, unreadCount } = board;
  const sum = (group: (typeof stateGroups)[StateName]) =>
    stateNames.reduce((total, name) => total + (stateGroups[name] === group ? counts[name] : 0), 0);
  const idle = Math.max(0, sum('idle') - unreadCount);
  const kinds: readonly StateCount[] = [
    { count: sum('asking'), glyph: glyphs.asking, word: 'asking', style: 'asking', filter: 'status:asking' },
    { count: sum('failed'), glyph: glyphs.error, word: 'failed', style: 'failed', filter: 'status:failed' },
    { count: unreadCount, glyph: glyphs.unread, word: 'done', style: 'unread', filter: 'status:done' },
    {
      count: sum('retrying'),
      glyph: glyphs.retrying,
      word: 'retrying',
      style: 'asking',
      filter: 'status:retrying',
    },
    {
      count: sum('working'),
      glyph: glyphs.working,
      word: 'working',
      style: 'working',
      filter: 'status:working',
    },
    { count: idle, glyph: glyphs.idle, word: 'idle', style: 'idle', filter: 'status:idle -status:done' },
    { count: sum('new'), glyph: glyphs.fresh, word: 'new', style: 'idle', filter: 'status:new' },
    { count: sum('stale'), glyph: glyphs.stale, word: 'stale', style: 'stale', filter: 'status:stale' },
  ];
  return kinds.filter(({ count }) => count > 0);
}
