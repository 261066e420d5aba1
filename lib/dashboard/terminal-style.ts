import type { Abilities } from '../../widgets/abilities.ts';
import type { Settings, ThemeName } from '../domain/schema/configuration.ts';
import { asciiGlyphs, type Glyphs, unicodeGlyphs } from '../view/glyphs.ts';
import type { Theme } from '../view/theme.ts';
import { themeStyles } from '../view/themes.ts';

/** The glyphs and colours of the dashboard. */
export interface TerminalStyle {
  readonly glyphs: Glyphs;
  readonly theme: Theme;
}

/** The glyphs and theme for a terminal's abilities and the user's settings. */
export function terminalStyle(
  abilities: Abilities,
  { theme, ascii }: Pick<Settings, 'theme' | 'ascii'>,
): TerminalStyle {
  return {
    glyphs: abilities.utf8 && !ascii ? unicodeGlyphs : asciiGlyphs,
    theme: themeOn(abilities, theme),
  };
}

function themeOn({ color, fewColors }: Abilities, theme: ThemeName): Theme {
  const mono = themeStyles('mono');
  if (!color) return mono;
  const { head, sorted, selected } = mono;
  return fewColors ? { ...themeStyles(theme), head, sorted, selected } : themeStyles(theme);
}
