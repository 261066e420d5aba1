/** What can open or close a quotation; an apostrophe within a word does neither. */
const opening = /(?<![\p{L}\p{N}])['"`‘“«]/u;
const closing = /['"`’”»](?![\p{L}\p{N}])/gu;
/**
 * A sentence of ours without what was put into it from outside: all from its first quotation to its last, as a title may
 * hold quotes itself, and every path. What is quoted and cut off goes up to the end.
 */
export function maskOutside(sentence: string): string {
  const from = opening.exec(sentence)?.index;
  if (from === undefined) return withoutPaths(sentence);
  const last = [...sentence.slice(from + 1).matchAll(closing)].at(-1)?.index;
  const rest = last === undefined ? '' : sentence.slice(from + last + 2);
  const isClosed = !opening.test(rest);
  return withoutPaths(`${sentence.slice(0, from)}'…'${isClosed ? rest : ''}`);
}

/** Every word with a slash in it is taken for a file's name, or an address; with all between two of them, as names have blanks. */
function withoutPaths(sentence: string): string {
  const words = sentence.split(' ');
  const first = words.findIndex((word) => word.includes('/'));
  const last = words.findLastIndex((word) => word.includes('/'));
  return first < 0 ? sentence : [...words.slice(0, first), '<path>', ...words.slice(last + 1)].join(' ');
}
