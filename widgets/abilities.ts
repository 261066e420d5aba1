/** The capabilities of a terminal, derived from the environment. */
export interface Abilities {
  /** True if the dashboard can be drawn; else a plain frame is printed. */
  readonly screen: boolean;
  readonly color: boolean;
  /** True if only the first 8 colours exist. Then a grey background is black. */
  readonly fewColors: boolean;
  readonly utf8: boolean;
}

/** Returns the capabilities of a stream's terminal. The caller applies the user's own settings. */
export function terminalAbilities(
  env: Readonly<Record<string, string | undefined>>,
  stream: { readonly isTTY?: boolean | undefined },
): Abilities {
  const dumb = env.TERM === undefined || env.TERM === '' || env.TERM === 'dumb';
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return {
    screen: stream.isTTY === true && !dumb,
    color: !dumb,
    fewColors: /^(linux|vt\d)/.test(env.TERM ?? ''),
    utf8: /utf-?8/i.test(locale),
  };
}
