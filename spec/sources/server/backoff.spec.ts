import { expect, it } from 'vitest';
import { Backoff } from '../../../lib/sources/server/backoff.ts';

const sleepsMs = (random: () => number, count: number) => {
  const backoff = new Backoff(random);
  return Array.from({ length: count }, () => backoff.failed());
};

it('doubles the delay after each failure, up to 30 s', () => {
  expect(sleepsMs(() => 0.5, 9)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

it('varies the delay at random, so that simultaneous failures do not retry together', () => {
  expect(sleepsMs(() => 0, 3)).toEqual([250, 500, 1000]);
  expect(sleepsMs(() => 0.999, 2).map(Math.round)).toEqual([750, 1499]);
});

it('starts with the first delay again after a success', () => {
  const backoff = new Backoff(() => 0.5);
  backoff.failed();
  backoff.failed();
  backoff.succeeded();
  expect(backoff.failed()).toBe(500);
});
