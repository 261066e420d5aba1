import { asObject, type JsonObject } from '../json.ts';

/**
 * Parses the beginning of a JSON object: open strings, arrays and objects are closed at its end. A cut string value
 * stays; a key without a value, and a cut word or number, are dropped. Returns undefined if the text is no object.
 * Linear time.
 */
export function parseTruncated(text: string): JsonObject | undefined {
  const closers: string[] = [];
  let inString = false;
  /** The text up to `end`, followed by `closers`, is complete JSON. */
  let complete = { end: 0, closers: '' };
  const markComplete = (end: number) => {
    complete = { end, closers: [...closers].reverse().join('') };
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      closers.push(char === '{' ? '}' : ']');
      markComplete(at + 1);
    } else if (char === '}' || char === ']') {
      closers.pop();
      markComplete(at + 1);
    } else if (char === ',') markComplete(at);
  }
  const open = inString ? parsed(`${withoutCutEscape(text)}"${[...closers].reverse().join('')}`) : undefined;
  return open ?? parsed(text.slice(0, complete.end) + complete.closers);
}

function parsed(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    // A key was cut, or the text is no JSON.
    return undefined;
  }
}

/** Drops a cut escape at the end: `\`, `\u` or `\u12`. */
function withoutCutEscape(text: string): string {
  const cut = /(?:^|[^\\])(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3})?)$/.exec(text.slice(-400))?.[1];
  return cut === undefined ? text : text.slice(0, -cut.length);
}
