import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pluginFile } from '../support/opencode-plugin.ts';
import { runOtop } from '../support/program.ts';

let home: string;
let path: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-plugin-home-'));
  path = join(home, '.config/opencode/plugins/otop.js');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Runs otop on a machine without opencode. */
const plugin = (action: string) => runOtop(['plugin', action], { HOME: home, TMPDIR: home, PATH: '' });
const unknown = 'No version of opencode was found: this plugin is for 1.14.34 and newer, and for 2.\n';

describe('otop plugin', () => {
  it('installs, reports its status, updates, and uninstalls without a trace', async () => {
    expect(await plugin('status')).toMatchObject({ code: 1, out: expect.stringMatching(/^not installed; /) });
    expect(await plugin('install')).toEqual({
      code: 0,
      out: `Installed ${path}\nopencode loads it when it starts: restart the sessions that run now.\n${unknown}`,
      err: '',
    });
    const source = readFileSync(pluginFile, 'utf8').replace('// @ts-check\n', '');
    expect(readFileSync(path, 'utf8').split('\n').slice(2).join('\n')).toBe(source);
    expect(await plugin('install')).toMatchObject({
      code: 0,
      out: `The plugin is up to date: ${path}\n${unknown}`,
    });
    expect(await plugin('status')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^installed, of otop /),
    });
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"version":"[^"]*"/, '"version":"0.0.1"'));
    const { code, out } = await plugin('status');
    expect([code, out.split('\n')[0]]).toEqual([
      1,
      `outdated, of otop 0.0.1; run \`otop plugin install\`: ${path}`,
    ]);
    expect((await plugin('install')).out).toMatch(`Updated ${path}`);
    expect(await plugin('uninstall')).toEqual({ code: 0, out: `Removed ${path}\n`, err: '' });
    expect(readdirSync(home)).toEqual([]);
    expect(await plugin('uninstall')).toEqual({ code: 0, out: 'The plugin is not installed.\n', err: '' });
  });

  it('changes no file that is not its own', async () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'export const Mine = async () => ({});\n');
    const refusal = {
      code: 1,
      out: '',
      err: `otop: ${path} is a file that is not otop's: move it away first\n`,
    };
    expect(await plugin('install')).toEqual(refusal);
    expect(await plugin('uninstall')).toEqual(refusal);
    expect(await plugin('status')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^not installed; in its place/),
    });
    expect(readFileSync(path, 'utf8')).toBe('export const Mine = async () => ({});\n');
  });

  it('says which file it could not write', async () => {
    writeFileSync(join(home, '.config'), 'a file where a folder should be');
    const { code, out, err } = await plugin('install');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^otop: the plugin could not be changed: ENOTDIR.*\.config/);
  });

  it('rejects an unknown action and names the known ones', async () => {
    expect((await plugin('frobnicate')).code).toBe(2);
    expect((await plugin('frobnicate')).err).toMatch(/^otop: .*install, uninstall, status/);
  });
});
