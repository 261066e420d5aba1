import { expect, it } from 'vitest';
import { paceOf } from '../../lib/monitor/tick-multiplier.ts';

it.each([
  [{ cpuPercent: 0.3, loadPerCore: 0.2 }, 1],
  [{ loadPerCore: 3 }, 1],
  [{ cpuPercent: 7, loadPerCore: 0.2 }, 2],
  [{ cpuPercent: 0.3, loadPerCore: 5 }, 2],
  [{ cpuPercent: 11, loadPerCore: 0 }, 4],
  [{ cpuPercent: 1, loadPerCore: 12 }, 4],
])('%j stretches the tick by %i', (use, pace) => {
  expect(paceOf(use)).toBe(pace);
});
