import { expect, it } from 'vitest';
import type { ProcessReading } from '../../lib/domain/board/readings.ts';
import { withEarlyLook } from '../../lib/monitor/machine-processes.ts';

it('gives the look that was begun early once, and then looks as asked', async () => {
  const looks: string[] = [];
  const source = {
    sample(look: string, atMs: number): Promise<ProcessReading> {
      looks.push(`${look} at ${atMs}`);
      return Promise.resolve({ atMs, processes: [], troubles: [] });
    },
    close: () => undefined,
  };
  const early = withEarlyLook(source, 1);
  expect(looks).toEqual(['full at 1']);
  expect((await early.sample('known', 2)).atMs).toBe(1);
  expect((await early.sample('known', 3)).atMs).toBe(3);
  expect(looks).toEqual(['full at 1', 'known at 3']);
});
