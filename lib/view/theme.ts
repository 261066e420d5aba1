import type { TextStyle } from '../text/sgr.ts';

/** The meaning of a part of the screen. */
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

/** Colours are xterm's 256, since blessed has no true colour, dim or italic. */
export type Style = TextStyle;

/** A style of the theme, or an explicit style, for the text of a tmux pane. */
export type SpanStyle = StyleName | Style;

/** The style of every meaning. */
export type Theme = Readonly<Record<StyleName, Style>>;
