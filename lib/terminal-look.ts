import { asciiGlyphs, type Glyphs, unicodeGlyphs } from './view/glyphs.ts';
import { defaultTheme, monoTheme, type Theme } from './view/theme.ts';

/** The characters and colours that a terminal can show. */
export interface TerminalLook {
  readonly glyphs: Glyphs;
  readonly theme: Theme;
}

/**
 * What to draw with: ASCII where asked for, without a UTF-8 locale (POSIX: LC_ALL, then LC_CTYPE, then LANG) and on
 * the Linux console, whose fonts lack most signs; no colours where asked for, with NO_COLOR set to anything
 * (no-color.org) and on a dumb terminal.
 */
export function terminalLook(
  env: Readonly<Record<string, string | undefined>>,
  wishes: { readonly color: boolean; readonly ascii?: boolean },
): TerminalLook {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const isUtf8 = /utf-?8/i.test(locale);
  const isDumb = env.TERM === 'dumb' || env.TERM === undefined;
  const isPlainText = wishes.ascii === true || !isUtf8 || env.TERM === 'linux';
  const hasColor = wishes.color && !env.NO_COLOR && !isDumb;
  return {
    glyphs: isPlainText ? asciiGlyphs : unicodeGlyphs,
    theme: hasColor ? defaultTheme : monoTheme,
  };
}
