import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asCount, asTime } from '../../lib/sources/json.ts';
import { clockTime } from '../../lib/text/format.ts';

describe('numbers from outside', () => {
  it('are times only if they are valid dates in every time zone', () => {
    expect([0, -1, 1e300, 9e18, 8.64e15, Number.NaN, '1', null].map(asTime)).toEqual(
      Array(8).fill(undefined),
    );
    const anyNumber = fc.oneof(fc.double(), fc.bigInt({ min: 0n, max: 2n ** 63n }).map(Number));
    fc.assert(
      fc.property(anyNumber, fc.integer({ min: -720, max: 840 }), (value, offset) => {
        const time = asTime(value);
        if (time !== undefined) expect(clockTime(time, offset)).toMatch(/^\d\d:\d\d:\d\d$/);
      }),
    );
  });

  it('are counts only if they are whole and not negative', () => {
    expect([0, 7, -1, 1.5, 2 ** 60, '1', undefined].map(asCount)).toEqual([
      0,
      7,
      ...Array(5).fill(undefined),
    ]);
  });
});
