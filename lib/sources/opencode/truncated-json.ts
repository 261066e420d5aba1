import { asObject, type JsonObject } from '../json.ts';

/**
 * The object that the beginning of a JSON text describes: what is open where the text breaks off is closed there. A string
 * keeps what there is of it; a key without its value, and a word or number that may go on, are left out. `undefined` where
 * it is no object. Takes time in proportion to the text.
 */
export function parseTruncated(text: string): JsonObject | undefined {
  const closers: string[] = [];
  let inString = false;
  /** Up to here, and closed with these, the text is whole. */
  let good = { end: 0, closers: '' };
  const isGood = (end: number) => {
    good = { end, closers: [...closers].reverse().join('') };
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      closers.push(char === '{' ? '}' : ']');
      isGood(at + 1);
    } else if (char === '}' || char === ']') {
      closers.pop();
      isGood(at + 1);
    } else if (char === ',') isGood(at);
  }
  const open = inString ? parsed(`${withoutCutEscape(text)}"${[...closers].reverse().join('')}`) : undefined;
  return open ?? parsed(text.slice(0, good.end) + good.closers);
}

function parsed(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    // A key was cut, or it is no JSON at all.
    return undefined;
  }
}

/** `\`, `\u` and `\u12` at the end are the beginnings of an escape. */
function withoutCutEscape(text: string): string {
  const cut = /(?:^|[^\\])(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3})?)$/.exec(text.slice(-400))?.[1];
  return cut === undefined ? text : text.slice(0, -cut.length);
}
