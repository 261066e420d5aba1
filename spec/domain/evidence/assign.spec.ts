import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign, type Edge } from '../../../lib/domain/evidence/assign.ts';

const edges = fc
  .uniqueArray(
    fc.record({
      row: fc.constantFrom(...'12345'),
      column: fc.constantFrom(...'abcdef'),
      weight: fc.integer({ min: 1, max: 30 }),
    }),
    { maxLength: 14, selector: ({ row, column }) => row + column },
  )
  .map((list): Edge[] => list);

function worth(list: readonly Edge[]): number {
  return list.reduce((sum, { weight }) => sum + weight, 0);
}

/** The maximum sum of weights over all possible choices. */
function bestTotal(list: readonly Edge[]): number {
  const [first, ...rest] = list;
  if (first === undefined) return 0;
  const without = rest.filter(({ row, column }) => row !== first.row && column !== first.column);
  return Math.max(bestTotal(rest), first.weight + bestTotal(without));
}

describe('the assignment', () => {
  it('has the maximum sum of weights', () => {
    fc.assert(
      fc.property(edges, (list) => {
        expect(worth(assign(list))).toBe(bestTotal(list));
      }),
      { numRuns: 500 },
    );
  });

  it('takes no row and no column twice, and only given edges', () => {
    fc.assert(
      fc.property(edges, (list) => {
        const chosen = assign(list);
        expect(new Set(chosen.map(({ row }) => row)).size).toBe(chosen.length);
        expect(new Set(chosen.map(({ column }) => column)).size).toBe(chosen.length);
        for (const edge of chosen) expect(list).toContainEqual(edge);
      }),
    );
  });

  it('does not depend on the order of the edges', () => {
    const twoOrders = edges.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(twoOrders, ([list, shuffled]) => {
        const sorted = (each: Edge[]) => each.map(({ row, column }) => row + column).sort();
        expect(sorted(assign(shuffled))).toEqual(sorted(assign(list)));
      }),
    );
  });
});
