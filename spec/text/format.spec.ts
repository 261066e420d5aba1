import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  byteSize,
  clockTime,
  compactCount,
  duration,
  money,
  percent,
  shortDuration,
} from '../../lib/text/format.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { textWidth } from '../../lib/text/width.ts';
import { wrap } from '../../lib/text/wrap.ts';
import { toAscii } from '../../lib/view/glyphs.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [7.4, '7'],
    [999, '999'],
    [999.6, '1.0K'],
    [4_234, '4.2K'],
    [9_950, '10K'],
    [162_000, '162K'],
    [999_600, '1.0M'],
    [8_234_567, '8.2M'],
    [12e9, '12G'],
    [5e15, '5000T'],
  ])('counts %d as %s', (count, text) => expect(compactCount(count)).toBe(text));

  it.each([
    [-5, '0s', '0s'],
    [12_900, '12s', '12s'],
    [5 * minute + 12_000, '5m12s', '5m'],
    [2 * hour + 2 * minute, '2h02m', '2h'],
    [3 * 24 * hour + 4 * hour, '3d04h', '3d'],
    [120 * 24 * hour, '120d', '120d'],
  ])('writes %d ms as %s or %s', (span, long, short) => {
    expect(duration(span)).toBe(long);
    expect(shortDuration(span)).toBe(short);
  });

  it.each([
    [0, '$0.00'],
    [0.0042, '<$0.01'],
    [0.00999, '$0.01'],
    [1.2, '$1.20'],
    [999.999, '$1.0K'],
  ])('writes %d dollars as %s', (dollars, text) => expect(money(dollars)).toBe(text));

  it('writes shares, memory and the time of day', () => {
    expect([0, 4.12, 9.96, 81.4, 346].map(percent)).toEqual(['0%', '4.1%', '10%', '81%', '346%']);
    expect([500_000, 812 * 2 ** 20, 1.44 * 2 ** 30, 12 * 2 ** 30].map(byteSize)).toEqual([
      '488K',
      '812M',
      '1.4G',
      '12G',
    ]);
    expect(clockTime(Date.UTC(2026, 10, 22, 12, 5, 22), 120)).toBe('14:05:22');
    expect(clockTime(Date.UTC(2026, 10, 22, 0, 5, 22), -30)).toBe('23:35:22');
    expect([9e18, -1e300, Number.NaN, 8.64e15].map((atMs) => clockTime(atMs, 60))).toEqual([
      '-',
      '-',
      '-',
      '-',
    ]);
  });
});

describe('wrap', () => {
  it('breaks at blanks, then inside words, and indents further lines', () => {
    expect(wrap(sanitize('the quick brown fox'), 10)).toEqual(['the quick', 'brown fox']);
    expect(wrap(sanitize('abcdefghijklmno'), 6)).toEqual(['abcdef', 'ghijkl', 'mno']);
    expect(wrap(sanitize('you say hello to everyone'), 14, 4)).toEqual([
      'you say hello',
      '    to',
      '    everyone',
    ]);
    expect(wrap(sanitize('日本語日本語'), 5)).toEqual(['日本', '語日', '本語']);
    expect(wrap('    deep indentation', 10)).toEqual(['    deep', 'indentatio', 'n']);
  });

  it('loses nothing but blanks and never exceeds its cells', () => {
    const words = fc.string({ unit: fc.constantFrom('a', 'b', ' ', ' ', '日', 'e\u0301') });
    fc.assert(
      fc.property(words, fc.integer({ min: 2, max: 30 }), fc.nat(6), (raw, cells, indent) => {
        const line = sanitize(raw);
        const lines = wrap(line, cells, indent);
        expect(lines.join('').replaceAll(' ', '')).toBe(line.replaceAll(' ', ''));
        for (const piece of lines) expect(textWidth(piece)).toBeLessThanOrEqual(cells);
      }),
    );
  });
});

describe('toAscii', () => {
  it('keeps the width and the readable characters', () => {
    expect(toAscii('Größe … 日本 “x”')).toBe('Gro?e ~ ???? "x"');
  });
});
