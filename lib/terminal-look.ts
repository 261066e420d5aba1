import type { Abilities } from '../widgets/abilities.ts';
import { asciiGlyphs, type Glyphs, unicodeGlyphs } from './view/glyphs.ts';
import type { Theme } from './view/theme.ts';
import { themeStyles } from './view/themes.ts';

/** The characters and colours to draw with. */
export interface TerminalLook {
  readonly glyphs: Glyphs;
  readonly theme: Theme;
}

/** What to draw with on a terminal of these abilities, as the person wishes. */
export function terminalLook(
  abilities: Abilities,
  wishes: { readonly color: boolean; readonly ascii?: boolean },
): TerminalLook {
  return {
    glyphs: abilities.utf8 && !wishes.ascii ? unicodeGlyphs : asciiGlyphs,
    theme: abilities.color && wishes.color ? themeStyles('default') : themeStyles('mono'),
  };
}
