import { describe, expect, it } from 'vitest';
import { soak } from '../../scripts/soak/soak.ts';

describe('a short soak', () => {
  it('misses no change, and leaks no descriptors, timers or listeners', async () => {
    const { samples, missed, rows, failedWrites } = await soak({
      ticks: 60,
      stepMs: 10_000,
      liveSessions: 16,
      samples: 4,
    });
    expect(missed).toEqual([]);
    expect(rows).toBeGreaterThan(10);
    expect(failedWrites).toBe(3);
    const counts = samples.map(
      ({ descriptors, timers, listeners }) => `${descriptors} ${timers} ${listeners}`,
    );
    expect(new Set(counts.slice(1)).size).toBe(1);
  });
});
