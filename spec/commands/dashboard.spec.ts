import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/system/clock.ts';
import { runCommandIn } from '../support/command.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-dashboard-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('otop in a broken environment', () => {
  it.each(['', 'dumb'])('needs a terminal that can move its cursor, not TERM=%s', async (term) => {
    const run = (...args: string[]) => runCommandIn(args, { HOME: home, TERM: term }, systemClock, true);
    const refused = await run();
    expect({ code: refused.code, out: refused.out }).toEqual({ code: 2, out: '' });
    expect(refused.err).toMatch(/^otop: TERM is (not set|dumb): .* `otop --once`\n$/);
    expect(await run('--once')).toMatchObject({ code: 0, err: '' });
  });

  it('puts the demo elsewhere if TMPDIR is no folder', async () => {
    const file = join(home, 'file');
    writeFileSync(file, '');
    for (const TMPDIR of [file, join(home, 'gone')])
      expect(await runCommandIn(['status', '--demo'], { HOME: home, TMPDIR })).toMatchObject({
        code: 0,
        err: '',
      });
  });
});
