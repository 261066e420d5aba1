/**
 * The word that was most likely meant by a mistyped one; nothing where none is near: up to a third of its letters may
 * be wrong, missing, too many, or two neighbours swapped; else the first that it begins.
 */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), least);
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best ?? beginning(word.toLowerCase(), words);
}

const fewestLetters = 3;

function beginning(word: string, words: Iterable<string>): string | undefined {
  if (word.length < fewestLetters) return undefined;
  return [...words].find((candidate) => candidate.toLowerCase().startsWith(word));
}

/** Edits between two words (insert, delete, replace, swap neighbours); words too different in length are `limit` apart. */
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

/** A text as it is compared in a search: without case and accents. */
export function fold(text: string): string {
  if (plain.test(text)) return text.toLowerCase();
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
