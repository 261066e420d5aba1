import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSgr } from '../../lib/text/sgr.ts';

const parse = (raw: string) =>
  parseSgr(raw, {}).pieces.map(({ text, style }) => `${text}|${JSON.stringify(style)}`);

describe("a terminal's line with its colours", () => {
  it('keeps colours, blanks and columns', () => {
    expect(parse('  a  \x1b[1;31mred\x1b[0m \x1b[38;5;208morange\x1b[39m\x1b[100mgrey')).toEqual([
      '  a  |{}',
      'red|{"bold":true,"fg":1}',
      ' |{}',
      'orange|{"fg":208}',
      'grey|{"bg":8}',
    ]);
  });

  it('turns a true colour into the nearest of 256, in either notation', () => {
    expect(parse('\x1b[38;2;255;0;0mx\x1b[48;2;10;10;10my\x1b[38:2::0:95:255mz')).toEqual([
      'x|{"fg":196}',
      'y|{"fg":196,"bg":232}',
      'z|{"fg":27,"bg":232}',
    ]);
  });

  it('starts with the style at the end of the previous line', () => {
    const { style } = parseSgr('\x1b[7mx', {});
    expect(parseSgr('y', style).pieces).toEqual([{ text: 'y', style: { inverse: true } }]);
  });

  it('loses every other sequence and all control characters', () => {
    expect(parse('a\x1b]52;c;aGk=\x07b\x1b[2Jc\x9b31md\x1b]8;;http://x\x1b\\e\x07')).toEqual(['abcde|{}']);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        for (const { text, style } of parseSgr(raw, {}).pieces) {
          expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
          for (const color of [style.fg ?? 0, style.bg ?? 0]) expect(color >= 0 && color <= 255).toBe(true);
        }
      }),
    );
  });

  it('keeps a character whole whose parts have different colours', () => {
    expect(parse('cafe\x1b[31m\u0301s \x1b[32m👨\x1b[m🏽.')).toEqual([
      'café|{}',
      's |{"fg":1}',
      '👨|{"fg":2}',
      '.|{}',
    ]);
  });

  it('ignores colours beyond the 256', () => {
    for (const code of ['38;5;99999', '48;5;256', '38;2;9999;9999;9999'])
      expect(parseSgr(`\x1b[${code}mx`, {}).pieces).toEqual([{ text: 'x', style: {} }]);
  });
});
