/** What a terminal can do, told from the environment. */
export interface Abilities {
  /** A screen can be drawn; else a plain frame is printed. */
  readonly screen: boolean;
  readonly color: boolean;
  /** Only the first 8 colours, with which a grey ground is black. */
  readonly fewColors: boolean;
  readonly utf8: boolean;
}

/** What can be expected of the terminal behind a stream; what a person wishes is the caller's. */
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
