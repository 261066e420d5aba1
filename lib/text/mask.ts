/** Quotation marks that open and close a quotation; an apostrophe within a word does neither. */
const opening = /(?<![\p{L}\p{N}])['"`‘“«]/u;
const closing = /['"`’”»](?![\p{L}\p{N}])/gu;

/**
 * Removes outside text from one of otop's own sentences: everything from the first quotation to the last, since a title
 * may contain quotes itself, and every path. If the last quotation is cut off, removes all up to the end.
 */
export function maskOutside(sentence: string): string {
  const from = opening.exec(sentence)?.index;
  if (from === undefined) return withoutPaths(sentence);
  const last = [...sentence.slice(from + 1).matchAll(closing)].at(-1)?.index;
  const rest = last === undefined ? '' : sentence.slice(from + last + 2);
  const isClosed = !opening.test(rest);
  return withoutPaths(`${sentence.slice(0, from)}'…'${isClosed ? rest : ''}`);
}

/**
 * Replaces every word with a slash, which may be a path or an address, and all words between two such words: paths may
 * contain blanks. A mark of otop's sentence after the last one stays.
 */
function withoutPaths(sentence: string): string {
  const words = sentence.split(' ');
  const first = words.findIndex((word) => word.includes('/'));
  const last = words.findLastIndex((word) => word.includes('/'));
  if (first < 0) return sentence;
  const mark = /[,;:]?$/.exec(words[last] ?? '')?.[0] ?? '';
  return [...words.slice(0, first), `<path>${mark}`, ...words.slice(last + 1)].join(' ');
}
