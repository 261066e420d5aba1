import type { TextStyle } from '../text/sgr.ts';

/** What a piece of the screen means. */
export type StyleName =
  | 'plain'
  | 'muted'
  | 'strong'
  | 'brand'
  | 'border'
  | 'label'
  | 'head'
  | 'sorted'
  | 'selected'
  | 'asking'
  | 'failed'
  | 'working'
  | 'unread'
  | 'idle'
  | 'stale'
  | 'calm'
  | 'warm'
  | 'hot'
  | 'spark'
  | 'key'
  | 'trouble'
  | 'badge'
  | 'cursor'
  | 'found';

/** Colours are xterm's 256; blessed has no true colour, no dim and no italic. */
export type Style = TextStyle;

/** A style of the theme, or one that a text brings along: a pane of another terminal does. */
export type SpanStyle = StyleName | Style;

export type Theme = Readonly<Record<StyleName, Style>>;
