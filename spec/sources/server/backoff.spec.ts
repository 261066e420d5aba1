import { expect, it } from 'vitest';
import { Backoff } from '../../../lib/sources/server/backoff.ts';

const pauses = (random: () => number, count: number) => {
  const backoff = new Backoff(random);
  return Array.from({ length: count }, () => backoff.failed());
};

it('waits twice as long after each failure, half a minute at most', () => {
  expect(pauses(() => 0.5, 9)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

it('spreads the tries of many that failed together', () => {
  expect(pauses(() => 0, 3)).toEqual([250, 500, 1000]);
  expect(pauses(() => 0.999, 2).map(Math.round)).toEqual([750, 1499]);
});

it('begins anew once it went well', () => {
  const backoff = new Backoff(() => 0.5);
  backoff.failed();
  backoff.failed();
  backoff.succeeded();
  expect(backoff.failed()).toBe(500);
});
