/** Numbers from 0 up to 1, the same for the same seed. */
export type Random = () => number;

/** A small generator of well-spread numbers (mulberry32). */
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

/** Between `least` and `most` characters of something like a model's answer or a tool's output. */
export function proseOf(random: Random, least: number, most: number): string {
  const length = least + Math.floor(random() * (most - least));
  const from = Math.floor(random() * (prose.length - length));
  return prose.slice(from, from + length);
}
