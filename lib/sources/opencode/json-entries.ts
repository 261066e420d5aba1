/** Strings, so that their braces do not count, and everything that opens or closes. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs;

/**
 * The entries of a large JSON object one by one, each value as its own piece of JSON: so that megabytes can be
 * parsed with pauses in between. Values that are neither objects nor lists are passed over, anything that is no
 * object has no entries. Throws a SyntaxError where the text ends too early; the pieces are for the caller to parse.
 */
export function* jsonEntries(text: string): Generator<readonly [key: string, json: string]> {
  let depth = 0;
  let key = '""';
  let start = 0;
  for (const { 0: found, index } of text.matchAll(token)) {
    if (found.startsWith('"')) {
      if (depth === 1) key = found;
    } else if (found === '{' || found === '[') {
      if (depth === 0 && found === '[') return;
      if (depth === 1) start = index;
      depth++;
    } else {
      depth--;
      if (depth === 1) yield [String(JSON.parse(key)), text.slice(start, index + 1)];
      if (depth <= 0) return;
    }
  }
  if (depth > 0) throw new SyntaxError('the JSON ends too early');
}
