import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../lib/system/clock.ts';
import { runCommandIn } from '../support/command.ts';

const frames = join(import.meta.dirname, '../fixtures/demo');

/** The wall clock stands still, and time limits are too long for a loaded machine to reach. */
const fixedClock: Clock = {
  nowMs: () => Date.UTC(2026, 10, 30, 14, 5, 22),
  monotonicMs: () => 0,
  after: (delayMs, run) => systemClock.after(delayMs < 500 ? delayMs : delayMs * 100, run),
};

// Another otop that does not see this process, as in another container, would remove the fleet's folder from /tmp.
const temporaryDir = mkdtempSync(join(tmpdir(), 'otop-frames-'));
afterAll(() => rmSync(temporaryDir, { recursive: true, force: true }));

async function demo(...args: string[]): Promise<string> {
  const { code, out, err } = await runCommandIn(
    args,
    { HOME: temporaryDir, TMPDIR: temporaryDir },
    fixedClock,
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

describe('the simulated fleet', () => {
  it.each(['160x45', '80x24', '40x12'])('gives the same frame of %s, byte for byte', async (size) => {
    const frame = await demo('--demo', '--once', '--size', size);
    await expect(frame).toMatchFileSnapshot(join(frames, `${size}.txt`));
  });

  it('gives the same JSON, byte for byte', async () => {
    const json = (await demo('sessions', '--demo')).replaceAll(`"host": "${hostname()}"`, '"host": "box"');
    await expect(json).toMatchFileSnapshot(join(frames, 'sessions.json'));
  });
});
