import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeConfig } from '../../lib/config/config-file.ts';
import type { Options } from '../../lib/config/options.ts';
import { loadSettings, problemLines } from '../../lib/config/settings.ts';
import { viewMemory, viewOf } from '../../lib/config/view-memory.ts';
import { draftPath } from '../../lib/system/owned-file.ts';

let home: string;
let path: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-config-'));
  path = join(home, '.config/otop/config.jsonc');
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function configure(text: string, at = path): void {
  mkdirSync(join(at, '..'), { recursive: true });
  writeFileSync(at, text);
}

const load = (options: Partial<Options> = {}, env: Record<string, string> = {}) =>
  loadSettings({ color: true, mouse: true, ...options }, { env, homeDir: home });

describe('settings', () => {
  it('come from the command line, the environment, the remembered view, the configuration and the defaults, in this order', () => {
    expect(load().settings.theme).toBe('default');
    configure('{"theme": "light", "delay": 4, "sort": {"column": "cost"}, "layout": {"rows": "two"}}');
    expect(load().settings).toMatchObject({
      theme: 'light',
      delay: 4,
      sort: { column: 'cost', descending: true },
    });
    const { settings, memory } = load();
    const switched = { ...viewOf(settings), rows: 'one' } as const;
    viewMemory(memory.path, viewOf(settings)).save(switched, memory.base);
    expect(load().settings).toMatchObject({
      sort: { column: 'cost' },
      layout: { rows: 'one', gauges: true },
    });
    expect(load({}, { NO_COLOR: '1' }).settings.theme).toBe('mono');
    expect(load({ theme: 'colorblind' }, { NO_COLOR: '1' }).settings.theme).toBe('colorblind');
    expect(load({ color: false, theme: 'light' }).settings.theme).toBe('mono');
    expect(
      load({ delay: 500, sort: 'title', mouse: false, ascii: true, readOnly: true }).settings,
    ).toMatchObject({
      delay: 0.5,
      sort: { column: 'title', descending: false },
      mouse: false,
      ascii: true,
      readOnly: true,
    });
  });

  it('ignore the remembered view if the configuration is newer', () => {
    configure('{"layout": {"rows": "two"}}');
    const { settings, memory } = load();
    viewMemory(memory.path, viewOf(settings)).save({ ...viewOf(settings), rows: 'one' }, memory.base);
    configure('{"layout": {"rows": "auto"}}');
    expect(load().settings.layout.rows).toBe('auto');
  });

  it('are not remembered unless a key switched them, and an invalid memory is ignored', () => {
    const { settings, memory } = load({ sort: 'cost' });
    viewMemory(memory.path, viewOf(settings)).save(viewOf(settings), memory.base);
    expect(existsSync(memory.path)).toBe(false);
    for (const text of ['', 'null', '{"seen": 1, "base": {}}', '{"seen": {"sort": {"column": "beauty"}}}']) {
      configure(text, memory.path);
      expect(load().settings.sort.column).toBe('status');
    }
  });

  it('are read from the named file, which must exist', () => {
    const other = join(home, 'other.jsonc');
    configure('{"theme": "mono"}', other);
    expect(load({ config: other }).settings.theme).toBe('mono');
    expect(load({}, { OTOP_CONFIG: other }).settings.theme).toBe('mono');
    expect(problemLines(load({ config: join(home, 'none.jsonc') }))).toEqual([
      `${home}/none.jsonc:1:1: there is no such file`,
    ]);
    expect(problemLines(load({ config: home }))).toEqual([`${home}:1:1: it cannot be read (no plain file)`]);
  });
});

describe('writing the configuration', () => {
  const place = () => ({ path, named: false });

  it('creates a new file, readable by its owner only', () => {
    expect(writeConfig(place(), { theme: 'light', layout: { rows: 'one' } })).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toBe(
      '{\n  "theme": "light",\n  "layout": {\n    "rows": "one"\n  }\n}\n',
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(path, '..'))).toEqual(['config.jsonc']);
  });

  it('keeps comments, order and unchanged settings', () => {
    configure('// mine\n{\n  "delay": 2, // slow\n  "layout": { "rows": "one", "gauges": true },\n}\n');
    expect(writeConfig(place(), { layout: { gauges: false }, theme: 'mono' })).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toMatchInlineSnapshot(`
      "// mine
      {
        "delay": 2, // slow
        "layout": {
          "rows": "one",
          "gauges": false
        },
        "theme": "mono",
      }
      "
    `);
    expect(load()).toMatchObject({
      problems: [],
      settings: { theme: 'mono', layout: { rows: 'one', gauges: false } },
    });
  });

  it('writes the target of a link and keeps its mode', () => {
    const dotfile = join(home, 'dotfiles.jsonc');
    writeFileSync(dotfile, '{}', { mode: 0o640 });
    chmodSync(dotfile, 0o640);
    mkdirSync(join(path, '..'), { recursive: true });
    symlinkSync(dotfile, path);
    expect(writeConfig(place(), { mouse: false })).toBeUndefined();
    expect(readFileSync(dotfile, 'utf8')).toContain('"mouse": false');
    expect(statSync(dotfile).mode & 0o777).toBe(0o640);
  });

  it('leaves a file with mistakes unchanged and returns the reason; so it does if it cannot write', () => {
    configure('{"theme": "lihgt"}');
    expect(writeConfig(place(), { mouse: false })).toBe(
      `not saved: line 1: theme must be one of default, light, mono, high-contrast, colorblind, not lihgt: did you mean light? (${path})`,
    );
    expect(readFileSync(path, 'utf8')).toBe('{"theme": "lihgt"}');
    // A file in place of the folder stops every user, root included.
    writeFileSync(join(home, 'file'), '');
    const refused = writeConfig({ path: join(home, 'file/config.jsonc'), named: true }, { mouse: false });
    expect(refused).toMatch(/^not saved to .*: (ENOTDIR|EEXIST); the old file is unchanged$/);
  });

  it.runIf(existsSync('/dev/full'))('keeps the old file on a full disk', () => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '{"delay": 2}');
    symlinkSync('/dev/full', draftPath(path));
    expect(writeConfig(place(), { mouse: false })).toBe(
      `not saved to ${path}: the disk is full; the old file is unchanged`,
    );
    expect(readFileSync(path, 'utf8')).toBe('{"delay": 2}');
    expect(readdirSync(join(path, '..'))).toEqual(['config.jsonc']);
  });
});
