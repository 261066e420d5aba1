import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommandIn } from '../support/command.ts';

it('says that a session of the simulated fleet has no terminal, as the key does', async () => {
  const home = mkdtempSync(join(tmpdir(), 'otop-next-'));
  try {
    const { code, out, err } = await runCommandIn(['next', '--demo'], { HOME: home, TMPDIR: home });
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: 'otop: a simulated session has no terminal\n',
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
