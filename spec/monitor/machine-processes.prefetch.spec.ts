import { expect, it } from 'vitest';
import type { ProcessReading } from '../../lib/domain/board/readings.ts';
import { withPrefetch } from '../../lib/monitor/machine-processes.ts';

it('returns the prefetched sample once, and then samples on request', async () => {
  const samples: string[] = [];
  const source = {
    sample(extent: string, atMs: number): Promise<ProcessReading> {
      samples.push(`${extent} at ${atMs}`);
      return Promise.resolve({ atMs, processes: [], troubles: [] });
    },
    close: () => undefined,
  };
  const prefetched = withPrefetch(source, 1);
  expect(samples).toEqual(['full at 1']);
  expect((await prefetched.sample('known', 2)).atMs).toBe(1);
  expect((await prefetched.sample('known', 3)).atMs).toBe(3);
  expect(samples).toEqual(['full at 1', 'known at 3']);
});
