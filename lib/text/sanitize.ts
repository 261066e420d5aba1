declare const displayText: unique symbol;

/** Text that holds nothing but printable characters of known width: the only text that widgets and reports accept. */
export type DisplayText = string & { readonly [displayText]: true };

/** One line of printable text from anything outside; cut to `maxCells` with `…` where given. */
export function sanitize(raw: string, maxCells?: number): DisplayText {
  const line = raw.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ').trim();
  return (maxCells === undefined ? line : line.slice(0, maxCells)) as DisplayText;
}

/** The non-empty lines of a text, each printable. */
export function sanitizeLines(raw: string, maxLines = 1000): DisplayText[] {
  return raw.split('\n', maxLines).map((line) => sanitize(line));
}
