import { describe, expect, it } from 'vitest';
import { configPlace } from '../../lib/config/config-file.ts';
import { viewMemoryPath } from '../../lib/config/view-memory.ts';
import { viewedPath } from '../../lib/monitor/viewed-times.ts';
import { pluginPath } from '../../lib/plugin/installation.ts';
import { announcementPath } from '../../lib/serve/announcement.ts';
import { tokenPath } from '../../lib/serve/token.ts';
import { markersFolder } from '../../lib/sources/marker/places.ts';

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

describe('where otop keeps its own files', () => {
  it('is where the XDG specification says', () => {
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

  it('is where the environment puts it', () => {
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

  it.each(['', 'here', './here'])('does not depend on the folder that otop is started in: %j', (relative) => {
    expect(places({ XDG_STATE_HOME: relative, XDG_CONFIG_HOME: relative })).toEqual(places({}));
  });
});
