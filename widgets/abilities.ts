/** The capabilities of a terminal, derived from the environment. */
export interface Abilities {
  /** True if the dashboard can be drawn; else a plain frame is printed. */
  readonly screen: boolean;
  readonly color: boolean;
  /** True if only the first 8 colours exist. Then a grey background is black. */
  readonly fewColors: boolean;
  readonly utf8: boolean;
}

/** Returns the name of the variable that decides the locale; undefined if none is set. */
export function localeVariable(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return localeVariables.find((each) => env[each]);
}

/** Returns the variable that decides the locale with its value, in words. */
export function localeWords(env: Readonly<Record<string, string | undefined>>): string {
  const name = localeVariable(env);
  return name === undefined ? 'no locale is set' : `${name} is ${env[name]}`;
}

/** In the order in which they count; an empty one does not. */
const localeVariables = ['LC_ALL', 'LC_CTYPE', 'LANG'] as const;

/** Returns the capabilities of a stream's terminal. The caller applies the user's own settings. */
export function terminalAbilities(
  env: Readonly<Record<string, string | undefined>>,
  stream: { readonly isTTY?: boolean | undefined },
): Abilities {
  const dumb = env.TERM === undefined || env.TERM === '' || env.TERM === 'dumb';
  return {
    screen: stream.isTTY === true && !dumb,
    color: !dumb,
    fewColors: /^(linux|vt\d)/.test(env.TERM ?? ''),
    utf8: /utf-?8/i.test(localeWords(env)),
  };
}
