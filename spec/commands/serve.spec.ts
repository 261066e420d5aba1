import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../lib/system/clock.ts';
import { runCommandIn } from '../support/command.ts';
import { OpencodeDatabase } from '../support/opencode-database.ts';
import { until } from '../support/wait.ts';

let home: string;
let listeners: readonly NodeJS.SignalsListener[];
beforeEach(() => {
  listeners = process.listeners('SIGHUP') as NodeJS.SignalsListener[];
  home = mkdtempSync(join(tmpdir(), 'otop-serve-'));
  new OpencodeDatabase(join(home, 'opencode.db')).close();
});
afterEach(() => {
  for (const listener of process.listeners('SIGHUP'))
    if (!listeners.includes(listener as NodeJS.SignalsListener))
      process.off('SIGHUP', listener as NodeJS.SignalsListener);
  rmSync(home, { recursive: true, force: true });
});

/** Serves until a timer of about this length is set, which is that of the tick. */
async function ticksEvery(seconds: number, ...args: string[]): Promise<void> {
  const waits: number[] = [];
  const clock: Clock = {
    ...systemClock,
    after: (delayMs, run) => {
      waits.push(Math.ceil(delayMs / 1000));
      return systemClock.after(delayMs, run);
    },
  };
  const options = ['--port', '0', '--db', join(home, 'opencode.db'), '--no-servers'];
  const ended = runCommandIn(['serve', ...options, ...args], { HOME: home }, clock);
  await until(
    `a timer of ${seconds} s`,
    () => waits.includes(seconds),
    () => waits,
  );
  process.emit('SIGHUP');
  expect(await ended).toMatchObject({ code: 0, err: '' });
}

describe('otop serve', () => {
  it('does not advise to make a token if the one that is there cannot be read', async () => {
    const folder = join(home, '.config/otop');
    mkdirSync(folder, { recursive: true });
    symlinkSync('token', join(folder, 'token'));
    expect(await runCommandIn(['serve', '--port', '0'], { HOME: home })).toEqual({
      code: 2,
      out: '',
      err: `otop: the token in ${folder}/token cannot be read (ELOOP)\n`,
    });
  });

  it.each([
    ['the configuration says', 47, []],
    ['--delay says instead', 53, ['--delay', '53']],
  ])('looks as often as %s', async (_who, seconds, args) => {
    const config = join(home, 'config.jsonc');
    writeFileSync(config, '{ "delay": 47 }');
    await ticksEvery(seconds, '--config', config, ...args);
  });
});
