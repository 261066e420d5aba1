import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configPlace } from '../../lib/config/config-file.ts';
import { viewMemoryPath } from '../../lib/config/view-memory.ts';
import { viewedPath } from '../../lib/monitor/viewed-times.ts';
import { pluginPath } from '../../lib/plugin/installation.ts';
import { announcementPath } from '../../lib/serve/announcement.ts';
import { tokenPath } from '../../lib/serve/token.ts';
import { markersFolder } from '../../lib/sources/marker/places.ts';
import { configPaths } from '../../lib/sources/opencode/configuration.ts';
import { serverPasswords } from '../../lib/sources/server/server-passwords.ts';
import { homeFolders, xdgFolder } from '../../lib/system/folders.ts';

const homeDir = '/home/me';

function places(env: Readonly<Record<string, string>>): readonly string[] {
  return [
    viewedPath(env, homeDir),
    viewMemoryPath(env, homeDir),
    announcementPath(env, homeDir),
    markersFolder({ env, homeDir }),
    tokenPath(env, homeDir),
    configPlace(undefined, env, homeDir).path,
    pluginPath({ env, homeDir }),
  ];
}

describe('the folder of otop’s own files', () => {
  it('follows the XDG specification by default', () => {
    expect(places({})).toMatchInlineSnapshot(`
      [
        "/home/me/.local/state/otop/viewed.json",
        "/home/me/.local/state/otop/view.json",
        "/home/me/.local/state/otop/serve.json",
        "/home/me/.local/state/otop/markers",
        "/home/me/.config/otop/token",
        "/home/me/.config/otop/config.jsonc",
        "/home/me/.config/opencode/plugins/otop.js",
      ]
    `);
  });

  it('follows the environment', () => {
    const env = { XDG_STATE_HOME: '/state', XDG_CONFIG_HOME: '/config' };
    expect(places(env)).toMatchInlineSnapshot(`
      [
        "/state/otop/viewed.json",
        "/state/otop/view.json",
        "/state/otop/serve.json",
        "/state/otop/markers",
        "/config/otop/token",
        "/config/otop/config.jsonc",
        "/config/opencode/plugins/otop.js",
      ]
    `);
  });

  it.each(['', 'here', './here'])('does not depend on the current folder: %j', (relative) => {
    expect(places({ XDG_STATE_HOME: relative, XDG_CONFIG_HOME: relative })).toEqual(places({}));
  });
});

describe('the XDG folders', () => {
  const kinds = ['config', 'data', 'state', 'cache'] as const;
  const foldersWith = (value: string) => {
    const env = Object.fromEntries(kinds.map((kind) => [`XDG_${kind.toUpperCase()}_HOME`, value]));
    return kinds.map((kind) => xdgFolder(kind, { env, homeDir }));
  };

  it('are those of the environment, else the defaults below the home folder', () => {
    expect(foldersWith('/xdg')).toEqual(['/xdg', '/xdg', '/xdg', '/xdg']);
    const usual = ['/home/me/.config', '/home/me/.local/share', '/home/me/.local/state', '/home/me/.cache'];
    for (const value of ['', 'here', './here']) expect(foldersWith(value)).toEqual(usual);
  });

  it('are probed together with the home folder', () => {
    const env = { XDG_DATA_HOME: '/data', XDG_STATE_HOME: '', XDG_CACHE_HOME: 'here' };
    expect(homeFolders({ env, homeDir })).toEqual([homeDir, '/data']);
  });

  it.each(['', 'here'])('follow the same rule for opencode: %j', async (relative) => {
    const home = mkdtempSync(join(tmpdir(), 'otop-folders-'));
    const env = { XDG_CONFIG_HOME: relative, XDG_STATE_HOME: relative, XDG_DATA_HOME: relative };
    const surroundings = { env, homeDir: home };
    mkdirSync(join(home, '.local/state/opencode'), { recursive: true });
    const note = join(home, '.local/state/opencode/service.json');
    writeFileSync(note, '{"pid":42,"password":"secret"}', { mode: 0o600 });
    const passwords = serverPasswords({ ...surroundings, userId: undefined, environmentOf: () => undefined });
    expect(passwords.headersFor({ pid: 42, kind: 'serve' })).toHaveLength(1);
    expect(configPaths(surroundings)[0]).toBe(join(home, '.config/opencode/config.json'));
    rmSync(home, { recursive: true });
  });
});
