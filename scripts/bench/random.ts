/** Returns the next number from 0 to below 1. */
export type Random = () => number;

/** Creates a random number generator (mulberry32); the same seed gives the same numbers. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const words =
  'the parser reads a page and const value = await read(file); // not yet "done"\n\tif (x) return; ';
const prose = words.repeat(1200);

/** Returns a text like a model's answer or a tool's output, of `minChars` to `maxChars` characters. */
export function proseOf(random: Random, minChars: number, maxChars: number): string {
  const length = minChars + Math.floor(random() * (maxChars - minChars));
  const from = Math.floor(random() * (prose.length - length));
  return prose.slice(from, from + length);
}
