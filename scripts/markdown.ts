/** Returns a table of Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Escapes what would end a cell. */
export const escaped = (text: string) => text.replaceAll('|', '\\|');

/** Writes each key of a list as code: `PgDn` `Ctrl-F`. */
export const keysAsCode = (text: string) =>
  text
    .split(' ')
    .map((word) => (word === '\\' || word === '|' ? `\`\\${word}\`` : `\`${word}\``))
    .join(' ');

/** Returns a text of the program for a cell; `<word>` in it is no HTML. */
export const prose = (text: string) => escaped(text).replace(/<(?=[a-z])/gi, '\\<');
