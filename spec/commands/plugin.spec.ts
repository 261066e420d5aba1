import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandIn } from '../support/command.ts';

let home: string;
let path: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-plugin-command-'));
  path = join(home, '.config/opencode/plugins/otop.js');
  mkdirSync(join(home, 'opencode/bin'), { recursive: true });
  writeFileSync(join(home, 'opencode/bin/opencode'), '');
  chmodSync(join(home, 'opencode/bin/opencode'), 0o755);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Installs the plugin where this version of opencode is on the PATH. */
const installFor = async (version: string): Promise<readonly string[]> => {
  writeFileSync(join(home, 'opencode/package.json'), JSON.stringify({ name: 'opencode-ai', version }));
  const env = { HOME: home, TMPDIR: home, PATH: join(home, 'opencode/bin') };
  const { code, out, err } = await runCommandIn(['plugin', 'install'], env);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out.trimEnd().split('\n');
};
const exported = () => /^export .*/m.exec(readFileSync(path, 'utf8'))?.[0];

describe('otop plugin install', () => {
  it('writes the form for the opencode that it finds, and another one after an update', async () => {
    expect(await installFor('1.2.27')).toEqual([
      `Installed ${path}`,
      'opencode loads it when it starts: restart the sessions that run now.',
      'It is for an opencode before 1.14.34: run this again after you update opencode.',
    ]);
    expect(exported()).toBe('export const OtopMarker = server;');
    expect(await installFor('2.0.18')).toEqual([
      `Updated ${path}`,
      'opencode loads it when it starts: restart the sessions that run now.',
    ]);
    expect(exported()).toBe("export default { id: 'otop', setup, server };");
    expect(await installFor('1.18.34')).toEqual([`The plugin is up to date: ${path}`]);
  });
});
