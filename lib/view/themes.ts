import type { ThemeName } from '../domain/schema/configuration.ts';
import type { SpanStyle, Style, StyleName, Theme } from './theme.ts';

/** The styles of a theme, and the terminal colours that it assumes. */
interface Palette {
  /**
   * The terminal's assumed default colours, for contrast checks. They are the worst case of such terminals: the contrast
   * on a real one is better.
   */
  readonly ground: { readonly fg: number; readonly bg: number };
  readonly styles: Theme;
}

const onDark = { fg: 250, bg: 235 };
const blackOnYellow = { fg: 16, bg: 220, bold: true };

const dark: Theme = {
  plain: {},
  muted: { fg: 248 },
  strong: { bold: true },
  brand: { fg: 81, bold: true },
  border: { fg: 240 },
  label: { fg: 110 },
  head: { fg: 250, bg: 236 },
  sorted: { fg: 255, bg: 236, bold: true },
  selected: { bg: 237 },
  asking: { fg: 220, bold: true },
  failed: { fg: 210, bold: true },
  working: { fg: 114 },
  unread: { fg: 177, bold: true },
  idle: { fg: 251 },
  stale: { fg: 248 },
  calm: { fg: 114 },
  warm: { fg: 220 },
  hot: { fg: 210, bold: true },
  spark: { fg: 74 },
  key: { fg: 81, bold: true },
  trouble: { fg: 215 },
  badge: blackOnYellow,
  cursor: { inverse: true },
  found: { fg: 16, bg: 117 },
};

const light: Theme = {
  plain: {},
  muted: { fg: 240 },
  strong: { bold: true },
  brand: { fg: 25, bold: true },
  border: { fg: 248 },
  label: { fg: 24 },
  head: { fg: 236, bg: 253 },
  sorted: { fg: 16, bg: 253, bold: true },
  selected: { bg: 254 },
  asking: { fg: 94, bold: true },
  failed: { fg: 124, bold: true },
  working: { fg: 22 },
  unread: { fg: 90, bold: true },
  idle: { fg: 238 },
  stale: { fg: 240 },
  calm: { fg: 22 },
  warm: { fg: 94 },
  hot: { fg: 124, bold: true },
  spark: { fg: 25 },
  key: { fg: 25, bold: true },
  trouble: { fg: 94 },
  badge: blackOnYellow,
  cursor: { inverse: true },
  found: { fg: 16, bg: 153 },
};

const mono: Theme = {
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

const highContrast: Theme = {
  plain: { fg: 231 },
  muted: { fg: 252 },
  strong: { fg: 231, bold: true },
  brand: { fg: 51, bold: true },
  border: { fg: 252 },
  label: { fg: 231, underline: true },
  head: { fg: 16, bg: 231, bold: true },
  sorted: { fg: 16, bg: 226, bold: true },
  selected: { bg: 18 },
  asking: { fg: 226, bold: true },
  failed: { fg: 217, bold: true, underline: true },
  working: { fg: 120, bold: true },
  unread: { fg: 219, bold: true },
  idle: { fg: 255 },
  stale: { fg: 252 },
  calm: { fg: 120 },
  warm: { fg: 226, bold: true },
  hot: { fg: 217, bold: true, underline: true },
  spark: { fg: 123 },
  key: { fg: 51, bold: true },
  trouble: { fg: 222, bold: true },
  badge: { fg: 16, bg: 226, bold: true },
  cursor: { fg: 16, bg: 231 },
  found: { fg: 16, bg: 51 },
};

/** Colours after Okabe and Ito: blue, yellow and orange stay distinct with each common colour blindness. */
const colorblind: Theme = {
  ...dark,
  brand: { fg: 117, bold: true },
  label: { fg: 153 },
  asking: { fg: 227, bold: true },
  failed: { fg: 208, bold: true, underline: true },
  working: { fg: 75 },
  unread: { fg: 231, bold: true },
  idle: { fg: 250 },
  stale: { fg: 248 },
  calm: { fg: 75 },
  warm: { fg: 227 },
  hot: { fg: 208, bold: true, underline: true },
  spark: { fg: 75 },
  key: { fg: 117, bold: true },
  trouble: { fg: 208 },
};

/** The palette of each theme. */
export const palettes: Readonly<Record<ThemeName, Palette>> = {
  default: { ground: onDark, styles: dark },
  light: { ground: { fg: 238, bg: 255 }, styles: light },
  mono: { ground: onDark, styles: mono },
  'high-contrast': { ground: { fg: 231, bg: 16 }, styles: highContrast },
  colorblind: { ground: onDark, styles: colorblind },
};

/** Returns the styles of a theme. */
export function themeStyles(name: ThemeName): Theme {
  return palettes[name].styles;
}

/** Returns the style of a span on a line's background. The `mono` theme removes the colours of an explicit style. */
export function styleOn(theme: Theme, style: SpanStyle, background: StyleName | undefined): Style {
  const own = typeof style === 'string' ? theme[style] : theme === mono ? withoutColor(style) : style;
  if (background === undefined) return own;
  return { ...theme[background], ...own };
}

function withoutColor({ fg: _fg, bg: _bg, ...rest }: Style): Style {
  return rest;
}
