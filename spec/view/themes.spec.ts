import { describe, expect, it } from 'vitest';
import { themeNames } from '../../lib/domain/schema/configuration.ts';
import type { StyleName } from '../../lib/view/theme.ts';
import { palettes, styleOn } from '../../lib/view/themes.ts';
import { blindness, contrast, difference } from '../support/color.ts';

/** Styles without text: borders of boxes and the empty part of bars. */
const decoration: ReadonlySet<string> = new Set(['border']);
const states: readonly StyleName[] = ['asking', 'failed', 'working', 'unread'];

describe.each(themeNames)('the theme %s', (name) => {
  const { ground, styles } = palettes[name];
  const minContrast = name === 'high-contrast' ? 7 : 4.5;
  const readable = (Object.keys(styles) as StyleName[]).filter((style) => !decoration.has(style));

  it(`has a contrast of ${minContrast} or more for every text, also in the selected row`, () => {
    const poor = readable.flatMap((style) =>
      [undefined, 'selected' as const].flatMap((background) => {
        const { fg = ground.fg, bg = ground.bg, inverse } = styleOn(styles, style, background);
        const ratio = contrast(fg, bg);
        return inverse || ratio >= minContrast ? [] : [`${style} on ${background}: ${ratio.toFixed(1)}`];
      }),
    );
    expect(poor).toEqual([]);
  });

  it('uses no colour of the terminal’s own palette', () => {
    const colours = Object.values(styles).flatMap(({ fg, bg }) =>
      [fg, bg].filter((each) => each !== undefined),
    );
    expect(colours.filter((colour) => colour < 16 || colour > 255)).toEqual([]);
  });
});

describe('the theme colorblind', () => {
  const styles = palettes.colorblind.styles;
  const pairs = states.flatMap((a, index) => states.slice(index + 1).map((b) => [a, b] as const));

  it.each(Object.keys(blindness) as (keyof typeof blindness)[])('keeps the states apart in %s', (eyes) => {
    const alike = pairs.flatMap(([a, b]) => {
      const apart = difference(styles[a].fg ?? 0, styles[b].fg ?? 0, eyes);
      return apart >= 20 ? [] : [`${a} and ${b}: ${apart.toFixed(0)}`];
    });
    expect(alike).toEqual([]);
  });

  it('keeps states further apart than the default theme', () => {
    const defaults = palettes.default.styles;
    const worst = (of: typeof styles) =>
      Math.min(...pairs.map(([a, b]) => difference(of[a].fg ?? 0, of[b].fg ?? 0, 'deuteranopia')));
    expect(worst(styles)).toBeGreaterThan(worst(defaults));
  });
});
