import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configPaths, OpencodeConfig, readMcpServers } from '../../../lib/sources/opencode/configuration.ts';

let root = '';
let ticks = 0;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'otop-config-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Writes a file under the root, with a unique modification time so that quick changes are noticed. */
function write(name: string, content: string): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  const seconds = 1_700_000_000 + ticks++;
  utimesSync(path, seconds, seconds);
  return path;
}

const config = (env: Record<string, string> = {}) => new OpencodeConfig({ env, homeDir: root });
const relative = (text: string) => text.replaceAll(root, '~');
const troublesOf = (reading: { troubles: readonly { text: string }[] }) =>
  reading.troubles.map(({ text }) => relative(text));

describe("opencode's config", () => {
  it('comes from the same paths as in opencode, weakest first, up to the root of the repository', () => {
    mkdirSync(join(root, 'repo', '.git'), { recursive: true });
    const env = { OPENCODE_CONFIG: '/etc/oc.json', OPENCODE_CONFIG_DIR: '/etc/oc' };
    const paths = configPaths({ env, homeDir: root }, join(root, 'repo', 'sub')).map(relative);
    expect(paths).toMatchInlineSnapshot(`
      [
        "~/.config/opencode/config.json",
        "~/.config/opencode/opencode.json",
        "~/.config/opencode/opencode.jsonc",
        "/etc/oc.json",
        "~/repo/opencode.jsonc",
        "~/repo/sub/opencode.jsonc",
        "~/repo/opencode.json",
        "~/repo/sub/opencode.json",
        "~/repo/sub/.opencode/opencode.jsonc",
        "~/repo/sub/.opencode/opencode.json",
        "~/repo/.opencode/opencode.jsonc",
        "~/repo/.opencode/opencode.json",
        "~/.opencode/opencode.jsonc",
        "~/.opencode/opencode.json",
        "/etc/oc/opencode.jsonc",
        "/etc/oc/opencode.json",
      ]
    `);
  });

  it('is only the global config without a directory, or if project config is disabled', () => {
    const places = { env: { XDG_CONFIG_HOME: '/xdg', OPENCODE_DISABLE_PROJECT_CONFIG: '1' }, homeDir: root };
    const paths = configPaths(places, '/p').map(relative);
    expect(paths).toEqual(configPaths(places).map(relative));
    expect(paths[1]).toBe('/xdg/opencode/opencode.json');
  });

  it('may have comments, trailing commas and a byte order mark', () => {
    write(
      '.config/opencode/opencode.jsonc',
      '\uFEFF{\n  // mine\n  "model": "a/b", /* and */ "mcp": {},\n}\n',
    );
    const reading = config().read();
    expect(reading.troubles).toEqual([]);
    expect(reading.files.map(({ value }) => value)).toEqual([{ model: 'a/b', mcp: {} }]);
  });

  it('is a trouble with file, line and fault if it is broken, and its readable part applies', () => {
    write('.config/opencode/opencode.json', '{\n  "model": "a/b"\n  "share": "disabled"\n}\n');
    const reading = config().read();
    expect(troublesOf(reading)).toEqual([
      'opencode config ~/.config/opencode/opencode.json:3: comma expected',
    ]);
    expect(reading.files[0]?.value).toMatchObject({ model: 'a/b' });
  });

  it('keeps its last good content while it is broken, and recovers', () => {
    const one = config();
    write('.config/opencode/opencode.json', '{"model": "good"}');
    expect(one.read().files[0]?.value).toEqual({ model: 'good' });
    write('.config/opencode/opencode.json', '{"model": ');
    expect(one.read().files[0]?.value).toEqual({ model: 'good' });
    expect(troublesOf(one.read())).toHaveLength(1);
    write('.config/opencode/opencode.json', '{"model": "better"}');
    expect(one.read()).toMatchObject({ files: [{ value: { model: 'better' } }], troubles: [] });
  });

  it.each([
    ['nothing', '', 'value expected'],
    ['a list', '[1]', 'is not a JSON object'],
    ['bytes', '\u0000\u0001', 'invalid'],
    ['a pit', '['.repeat(200_000), ''],
    ['too much', ' '.repeat(2_200_000), 'is too large for a config'],
  ])('that holds %s is a trouble, never a throw', (_, content, fault) => {
    write('.config/opencode/opencode.json', content);
    const reading = config().read();
    expect(reading.files).toEqual([]);
    expect(troublesOf(reading)[0]).toContain(fault);
  });

  it('is a trouble if a file cannot be read, but not if a file is missing', () => {
    expect(config().read('/nowhere/at/all').troubles).toEqual([]);
    mkdirSync(join(root, '.config/opencode/opencode.json'), { recursive: true });
    expect(troublesOf(config().read())[0]).toMatch(/opencode\.json: cannot be read \(no plain file\)/);
  });
});

describe('MCP servers', () => {
  it('come from the global and the project config; the project overrides the global one', () => {
    write(
      '.config/opencode/opencode.json',
      JSON.stringify({
        mcp: {
          github: {
            type: 'remote',
            url: 'https://me:secret@api.example.com/mcp?key=secret',
            headers: { A: 'b' },
          },
          files: { type: 'local', command: ['npx', '-y', 'mcp-files'], environment: { TOKEN: 'secret' } },
          odd: 7,
        },
      }),
    );
    write(
      'p/opencode.jsonc',
      '{ "mcp": { "files": { "enabled": false }, "x\\u001b[31m": { "command": "run it" } } }',
    );
    const { servers, troubles } = readMcpServers(config(), join(root, 'p'));
    expect(troubles).toEqual([]);
    const rows = servers.map(({ name, type, endpoint, enabled, from }) =>
      [name, type, endpoint, enabled ? 'on' : 'off', relative(from)].join(' | '),
    );
    expect(rows.join('\n')).not.toMatch(/secret|\u001b/);
    expect(rows).toMatchInlineSnapshot(`
      [
        "files | local | npx -y mcp-files | off | ~/p/opencode.jsonc",
        "github | remote | https://api.example.com/mcp | on | ~/.config/opencode/opencode.json",
        "x | unknown | run it | on | ~/p/opencode.jsonc",
      ]
    `);
  });

  it('are none if the section has another shape', () => {
    write('.config/opencode/opencode.json', '{"mcp": ["a"]}');
    expect(readMcpServers(config()).servers).toEqual([]);
  });
});
