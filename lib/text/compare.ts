/**
 * Returns the word that a mistyped one most likely means: the nearest one with up to a third of its letters wrong,
 * missing, added or swapped with a neighbour; else the first one that starts with it. Returns undefined if there is
 * none.
 */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let best: string | undefined;
  let limit = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), limit);
    if (distance >= limit) continue;
    best = candidate;
    limit = distance;
  }
  return best ?? firstWithPrefix(word.toLowerCase(), words);
}

const minLetters = 3;

function firstWithPrefix(word: string, words: Iterable<string>): string | undefined {
  if (word.length < minLetters) return undefined;
  return [...words].find((candidate) => candidate.toLowerCase().startsWith(word));
}

/**
 * Returns the count of edits between two words (insert, delete, replace, swap neighbours); `limit` if the words differ
 * too much in length.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let col = 1; col <= b.length; col += 1) {
      const same = a[row - 1] === b[col - 1];
      let cost = Math.min(
        (above[col] ?? 0) + 1,
        (line[col - 1] ?? 0) + 1,
        (above[col - 1] ?? 0) + Number(!same),
      );
      const swapped = row > 1 && col > 1 && a[row - 1] === b[col - 2] && a[row - 2] === b[col - 1];
      if (swapped) cost = Math.min(cost, (before[col - 2] ?? 0) + 1);
      line.push(cost);
    }
    before = above;
    above = line;
  }
  return above[b.length] ?? limit;
}

const plain = /^[\x20-\x7e]*$/;

/** Returns a text without case and accents, for comparison in a search. */
export function fold(text: string): string {
  if (plain.test(text)) return text.toLowerCase();
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
