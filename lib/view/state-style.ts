import type { SessionState, StateName } from '../domain/session/state.ts';
import type { Glyphs } from './glyphs.ts';
import type { StyleName } from './theme.ts';

/** The glyph and style of a state. The glyph ensures that colour is never the only signal. */
export interface StateStyle {
  readonly glyph: string;
  readonly style: StyleName;
}

const styles: Readonly<Record<StateName, { glyph: keyof Glyphs & GlyphName; style: StyleName }>> = {
  asking: { glyph: 'asking', style: 'asking' },
  error: { glyph: 'error', style: 'failed' },
  truncated: { glyph: 'truncated', style: 'failed' },
  retrying: { glyph: 'retrying', style: 'asking' },
  'tool use': { glyph: 'working', style: 'working' },
  generating: { glyph: 'working', style: 'working' },
  thinking: { glyph: 'working', style: 'working' },
  compacting: { glyph: 'working', style: 'working' },
  queued: { glyph: 'queued', style: 'working' },
  stale: { glyph: 'stale', style: 'stale' },
  idle: { glyph: 'idle', style: 'idle' },
  new: { glyph: 'fresh', style: 'idle' },
};

type GlyphName =
  | 'asking'
  | 'error'
  | 'truncated'
  | 'retrying'
  | 'working'
  | 'queued'
  | 'stale'
  | 'idle'
  | 'fresh';

/** Returns the glyph and the style of a state. */
export function stateStyle(state: SessionState, glyphs: Glyphs): StateStyle {
  if (state.name === 'idle' && state.unread) return { glyph: glyphs.unread, style: 'unread' };
  const { glyph, style } = styles[state.name];
  return { glyph: glyphs[glyph], style };
}
