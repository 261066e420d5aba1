import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellWidth, fitCells, takeCells, textWidth, truncate } from '../../lib/text/width.ts';

describe('cell widths', () => {
  it.each([
    ['a', 1],
    ['é', 1],
    ['日', 2],
    ['한', 2],
    ['Ａ', 2],
    ['ｱ', 1],
    ['👍', 2],
    ['⌚', 2],
    ['❤', 1],
    ['⚠', 1],
    ['ℹ', 1],
    ['™', 1],
    ['…', 1],
    ['█', 1],
    ['\u0301', 0],
    ['\ufffd', 1],
    ['\ue0b0', 1],
    ['को', 2],
    ['☰', 1],
    ['⚊', 1],
    ['𝌀', 1],
    ['𝍠', 1],
    ['㉈', 2],
  ])('%s takes %i', (text, cells) => {
    expect(textWidth(text)).toBe(cells);
  });

  it('is the same on the fast path as character by character', () => {
    const wrong = Array.from({ length: 0xffff }, (_, code) => code).filter(
      (code) => code >= 0x20 && textWidth(String.fromCodePoint(code)) !== cellWidth(code),
    );
    expect(wrong).toEqual([]);
  });
});

describe('cutting and filling', () => {
  it('never splits a wide character', () => {
    expect(takeCells('日本語', 3)).toBe('日');
    expect(truncate('日本語', 5)).toBe('日本…');
    expect(truncate('日本語', 4)).toBe('日…');
  });

  it('keeps marks with their letter', () => {
    expect(takeCells('e\u0301\u0327x', 1)).toBe('e\u0301\u0327');
  });

  it('fills on the side away from the text', () => {
    expect(fitCells('4.1%', 6, 'right')).toBe('  4.1%');
    expect(fitCells('日本', 5)).toBe('日本 ');
    expect(fitCells('abcdef', 4, 'left', '~')).toBe('abc~');
    expect(fitCells('/home/mia/src/shop', 10, 'left', '…', 'end')).toBe('…/src/shop');
    expect(fitCells('/日本語', 6, 'left', '…', 'end')).toBe('…本語 ');
  });

  it('always gives exactly the requested cells', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '日', '👍', 'e\u0301', '…', ' ') }),
        fc.nat(30),
        fc.constantFrom('left' as const, 'right' as const),
        fc.constantFrom('start' as const, 'end' as const),
        (text, cells, align, keeps) => {
          expect(textWidth(fitCells(text, cells, align, '…', keeps))).toBe(cells);
        },
      ),
    );
  });
});
