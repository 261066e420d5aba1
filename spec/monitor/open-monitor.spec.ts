import { describe, expect, it } from 'vitest';
import { optimiseLess } from '../../lib/monitor/open-monitor.ts';

describe("V8's optimiser", () => {
  it('is limited if Node knows the flag; an unknown flag is never set', () => {
    const set: string[] = [];
    for (const version of ['20.19.0', '22.12.0', '24.1.0']) optimiseLess(version, (flags) => set.push(flags));
    expect(set).toEqual(['--interrupt-budget=1000000']);
  });
});
