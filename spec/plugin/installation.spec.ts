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
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PluginForm } from '../../lib/plugin/form.ts';
import {
  inspectPlugin,
  installedText,
  pluginPath,
  removeMarkers,
  removePlugin,
  writePlugin,
} from '../../lib/plugin/installation.ts';
import { markersFolder } from '../../lib/sources/marker/places.ts';
import { pluginFile } from '../support/opencode-plugin.ts';

const source =
  "// @ts-check\nconst server = () => undefined;\nexport default { id: 'otop', setup, server };\n";
let home: string;
let path: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-installation-spec-'));
  path = pluginPath({ env: {}, homeDir: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** The paths of all files and folders in the home. */
const everything = () => readdirSync(home, { recursive: true, encoding: 'utf8' }).sort();

function install(version = '0.1.0', form: PluginForm = 'object'): void {
  writePlugin(path, { source, version, form }, inspectPlugin(path));
}

function uninstall(): void {
  const found = inspectPlugin(path);
  if (found.kind === 'ours') removePlugin(path, found);
}

describe('the path of the plugin', () => {
  it('is in the config folder that every opencode loads', () => {
    expect(path).toBe(join(home, '.config/opencode/plugins/otop.js'));
    expect(pluginPath({ env: { XDG_CONFIG_HOME: '/etc/me' }, homeDir: home })).toBe(
      '/etc/me/opencode/plugins/otop.js',
    );
    expect(pluginPath({ env: { XDG_CONFIG_HOME: 'relative' }, homeDir: home })).toBe(path);
  });
});

describe('installing', () => {
  it('writes one file, readable by the owner only, that names otop', () => {
    expect(inspectPlugin(path)).toEqual({ kind: 'absent' });
    install();
    expect(everything()).toEqual([
      '.config',
      '.config/opencode',
      '.config/opencode/plugins',
      '.config/opencode/plugins/otop.js',
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8').replace(JSON.stringify(home).slice(1, -1), '~')).toMatchInlineSnapshot(`
      "// Made by otop: \`otop plugin install\` put it here, \`otop plugin uninstall\` removes it.
      // otop-plugin {"version":"0.1.0","form":"object","topFolder":"~/.config"}
      const server = () => undefined;
      export default { id: 'otop', setup, server };
      "
    `);
  });

  it('writes the form of a function for an opencode that takes no object', () => {
    install('0.1.0', 'function');
    expect(readFileSync(path, 'utf8').split('\n').slice(2).join('\n')).toBe(
      'const server = () => undefined;\nexport const OtopMarker = server;\n',
    );
    expect(inspectPlugin(path)).toMatchObject({ kind: 'ours', form: 'function' });
    install();
    expect(inspectPlugin(path)).toMatchObject({ kind: 'ours', form: 'object' });
  });

  it('knows the plugin of otop 0.1.0, which had the form of a function', () => {
    install();
    writeFileSync(path, readFileSync(path, 'utf8').replace('"form":"object",', ''));
    expect(inspectPlugin(path)).toMatchObject({ kind: 'ours', version: '0.1.0', form: 'function' });
  });

  it('is undone completely, with the folders that it created', () => {
    install();
    uninstall();
    expect(everything()).toEqual([]);
  });

  it('is undone without the folders that existed before or contain other files', () => {
    mkdirSync(join(home, '.config/opencode'), { recursive: true });
    install();
    install('0.2.0');
    expect(inspectPlugin(path)).toMatchObject({ kind: 'ours', version: '0.2.0', topFolder: dirname(path) });
    uninstall();
    expect(everything()).toEqual(['.config', '.config/opencode']);
    install();
    writeFileSync(join(dirname(path), 'mine.ts'), '');
    uninstall();
    expect(everything()).toEqual([
      '.config',
      '.config/opencode',
      '.config/opencode/plugins',
      '.config/opencode/plugins/mine.ts',
    ]);
  });

  it('is undone without removing folders if the recorded folder is not a parent', () => {
    install();
    const text = installedText({ source, version: '0.1.0', form: 'object', topFolder: '/' });
    writeFileSync(path, text.replace('"/"', '"/nowhere"'));
    uninstall();
    expect(existsSync(dirname(path))).toBe(true);
  });

  it('recognises files that are not its own', () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'export const Mine = async () => ({});\n');
    expect(inspectPlugin(path)).toEqual({ kind: 'foreign', what: "a file that is not otop's" });
    rmSync(path);
    symlinkSync('/dev/null', path);
    expect(inspectPlugin(path)).toEqual({ kind: 'foreign', what: 'a symbolic link' });
    rmSync(path);
    mkdirSync(path);
    expect(inspectPlugin(path)).toEqual({ kind: 'foreign', what: 'a folder or a special file' });
  });

  it('treats a header without valid JSON as an unknown version', () => {
    install();
    writeFileSync(path, readFileSync(path, 'utf8').replace('{"version"', '{{'));
    expect(inspectPlugin(path)).toMatchObject({ kind: 'ours', version: '?' });
  });

  it('throws if it must not write, and leaves no part behind', () => {
    if (process.getuid?.() === 0) {
      writeFileSync(join(home, '.config'), 'a file where a folder should be');
      expect(() => install()).toThrow('ENOTDIR');
      expect(everything()).toEqual(['.config']);
      return;
    }
    chmodSync(home, 0o500);
    expect(() => install()).toThrow('EACCES');
    chmodSync(home, 0o700);
    expect(everything()).toEqual([]);
  });
});

describe('the source of the plugin', () => {
  it('has one export, in the line that the other form replaces', () => {
    const text = readFileSync(pluginFile, 'utf8');
    expect(text.match(/^export .*/gm)).toEqual(["export default { id: 'otop', setup, server };"]);
    const installed = installedText({ source: text, version: '0.1.0', form: 'function' });
    expect(installed.match(/^export .*/gm)).toEqual(['export const OtopMarker = server;']);
  });
});

describe('removing the files that the plugin wrote', () => {
  const folder = () => markersFolder({ env: {}, homeDir: home });
  const put = (...names: string[]) => {
    mkdirSync(folder(), { recursive: true });
    for (const name of names) writeFileSync(join(folder(), name), '{}');
  };

  it('removes markers, drafts and the trouble log of every machine, and the folder', () => {
    put('1@local.json', '2@1f0c2d3e-4026531836.json', '.3@local.draft', 'trouble.log');
    expect(removeMarkers(folder())).toBe(true);
    expect(everything()).toEqual(['.local', '.local/state']);
    expect(removeMarkers(folder())).toBe(true);
  });

  it('keeps the other state of otop, and files of other programs', () => {
    put('1@local.json');
    writeFileSync(join(dirname(folder()), 'viewed.json'), '{}');
    expect(removeMarkers(folder())).toBe(true);
    expect(readdirSync(dirname(folder()))).toEqual(['viewed.json']);
    put('1@local.json', 'notes.txt');
    expect(removeMarkers(folder())).toBe(false);
    expect(readdirSync(folder())).toEqual(['notes.txt']);
  });
});
