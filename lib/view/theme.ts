import type { TextLook } from '../text/sgr.ts';

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

/** For dark terminals. */
export const defaultTheme: Theme = {
  plain: {},
  muted: { fg: 245 },
  strong: { bold: true },
  brand: { fg: 81, bold: true },
  border: { fg: 240 },
  label: { fg: 110 },
  head: { fg: 250, bg: 236 },
  sorted: { fg: 255, bg: 236, bold: true },
  selected: { bg: 238 },
  asking: { fg: 220, bold: true },
  failed: { fg: 203, bold: true },
  working: { fg: 114 },
  unread: { fg: 177, bold: true },
  idle: { fg: 250 },
  stale: { fg: 243 },
  calm: { fg: 114 },
  warm: { fg: 220 },
  hot: { fg: 203, bold: true },
  spark: { fg: 74 },
  key: { fg: 81, bold: true },
  trouble: { fg: 215 },
  badge: { fg: 16, bg: 220, bold: true },
  cursor: { inverse: true },
  found: { fg: 16, bg: 117 },
};

/** Without any colour: NO_COLOR, and terminals that have none. */
export const monoTheme: Theme = {
  plain: {},
  muted: {},
  strong: { bold: true },
  brand: { bold: true },
  border: {},
  label: {},
  head: { inverse: true },
  sorted: { inverse: true, bold: true },
  selected: { inverse: true },
  asking: { bold: true },
  failed: { bold: true, underline: true },
  working: {},
  unread: { bold: true },
  idle: {},
  stale: {},
  calm: {},
  warm: { underline: true },
  hot: { bold: true, underline: true },
  spark: {},
  key: { bold: true },
  trouble: { underline: true },
  badge: { inverse: true },
  cursor: { inverse: true },
  found: { bold: true, underline: true },
};

/** The style of a piece that lies on a line's background. */
export function styleOn(theme: Theme, style: SpanStyle, background: StyleName | undefined): Style {
  const own = typeof style === 'string' ? theme[style] : theme === monoTheme ? withoutColor(style) : style;
  if (background === undefined) return own;
  return { ...theme[background], ...own };
}

function withoutColor({ fg: _fg, bg: _bg, ...rest }: Style): Style {
  return rest;
}
