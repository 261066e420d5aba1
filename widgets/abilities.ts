/** What a terminal can do, told from the environment. */
export interface Abilities {
  /** A screen can be drawn; else a plain frame is printed. */
  readonly screen: boolean;
  readonly color: boolean;
  readonly utf8: boolean;
}

/** What can be expected of the terminal behind a stream; `--no-color` and `--ascii` are the caller's. */
export function terminalAbilities(
  env: Readonly<Record<string, string | undefined>>,
  stream: { readonly isTTY?: boolean | undefined },
): Abilities {
  const dumb = env.TERM === undefined || env.TERM === '' || env.TERM === 'dumb';
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return {
    screen: stream.isTTY === true && !dumb,
    // https://no-color.org: set and not empty, whatever its value.
    color: !dumb && !env.NO_COLOR,
    utf8: /utf-?8/i.test(locale),
  };
}
