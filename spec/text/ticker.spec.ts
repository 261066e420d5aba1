import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ticker } from '../../lib/text/ticker.ts';
import { textWidth } from '../../lib/text/width.ts';

const at = (text: string, cells: number, step: number) => ticker(text, cells, step * 250);

describe('a text that scrolls', () => {
  it('moves by a cell at each step, and starts again after a gap', () => {
    expect([0, 1, 2, 5, 6, 8].map((step) => at('abcdef', 4, step))).toEqual([
      'abcd',
      'bcde',
      'cdef',
      'f   ',
      '   a',
      ' abc',
    ]);
    expect(at('abcdef', 4, 9)).toBe('abcd');
  });

  it('does not move if it fits', () => {
    expect(at('abc', 4, 7)).toBe('abc ');
  });

  it('shows no half of a wide character', () => {
    expect([0, 1, 2].map((step) => at('日本語', 4, step))).toEqual(['日本', ' 本 ', '本語']);
  });

  it('takes exactly its cells at any time', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '日', '👍', ' ', 'é') });
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 30 }), fc.nat(1e6), (words, cells, nowMs) => {
        expect(textWidth(ticker(words, cells, nowMs))).toBe(cells);
      }),
    );
  });
});
