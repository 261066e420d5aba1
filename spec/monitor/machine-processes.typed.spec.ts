import { describe, expect, it } from 'vitest';
import { typedAtMs } from '../../lib/monitor/machine-processes.ts';

describe('the time of the last input at a terminal', () => {
  it("is its device's access time, and undefined if there is no such device", () => {
    expect(typedAtMs('null')).toBeGreaterThan(0);
    expect(typedAtMs('pts/none')).toBeUndefined();
    expect(typedAtMs('null/none')).toBeUndefined();
  });
});
