import type { TextLook } from '../text/sgr.ts';
import { themeStyles } from './themes.ts';

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
export type Style = TextLook;

/** A style of the theme, or one that a text brings along: a pane of another terminal does. */
export type SpanStyle = StyleName | Style;

export type Theme = Readonly<Record<StyleName, Style>>;

const mono: Theme = themeStyles('mono');

/** The style of a piece that lies on a line's background. */
export function styleOn(theme: Theme, style: SpanStyle, background: StyleName | undefined): Style {
  const own = typeof style === 'string' ? theme[style] : theme === mono ? withoutColor(style) : style;
  if (background === undefined) return own;
  return { ...theme[background], ...own };
}

function withoutColor({ fg: _fg, bg: _bg, ...rest }: Style): Style {
  return rest;
}
