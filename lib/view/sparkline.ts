import type { Glyphs } from './glyphs.ts';

/**
 * The newest samples as blocks, oldest left, on a scale from 0 to `most`.
 * blessed-contrib's own sparkline is not used: it draws the oldest samples, scales each line to its own least and
 * most, so that a constant rate looks like nothing, and parses tags in the titles (measured on 4.11.0).
 */
export function sparkline(samples: readonly number[], cells: number, most: number, glyphs: Glyphs): string {
  const { levels } = glyphs;
  const shown = cells > 0 ? samples.slice(-cells) : [];
  const blocks = shown.map((sample) => levels[level(sample, most, levels.length)] ?? ' ');
  return (levels[0] ?? ' ').repeat(Math.max(0, cells - blocks.length)) + blocks.join('');
}

/** 0 for nothing at all, so that the smallest rate is still told from none. */
function level(sample: number, most: number, steps: number): number {
  if (!(sample > 0) || !(most > 0)) return 0;
  return Math.min(steps - 1, Math.max(1, Math.round((sample / most) * (steps - 1))));
}

/** A bar of so many cells, filled to a share of 0 to 100; full above that. */
export function bar(
  share: number,
  cells: number,
  glyphs: Glyphs,
): { readonly full: string; readonly empty: string } {
  const filled = Math.min(cells, Math.max(0, Math.round((share / 100) * cells)));
  return { full: glyphs.full.repeat(filled), empty: glyphs.empty.repeat(cells - filled) };
}
