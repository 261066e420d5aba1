/** What each theme is for, by its name in `--theme` and in the configuration; the usual one first. */
const themeHelp = {
  default: 'for dark terminals',
  light: 'for light terminals',
  mono: 'no colours at all: bold, underline and inverse',
  'high-contrast': 'for dark terminals, strong colours on black',
  colorblind: 'for dark terminals; nothing depends on telling red from green',
} as const;

/** A theme's name. */
export type ThemeName = keyof typeof themeHelp;

/** All names, the default first. */
export const themeNames = Object.keys(themeHelp) as readonly ThemeName[];

/** All themes for a person to choose from. */
export const themes: readonly { readonly name: ThemeName; readonly help: string }[] = themeNames.map(
  (name) => ({ name, help: themeHelp[name] }),
);
