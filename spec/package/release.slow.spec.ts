import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
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
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { emptyWorld, runOtop } from '../support/program.ts';

const root = resolve(import.meta.dirname, '../..');
const versionWords = `${manifest.version} (development build)\n`;

/** A copy of what a build needs, without git, at a path with spaces. */
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'otop a build '));
  mkdirSync(join(copy, 'scripts'));
  const parts = [
    'lib',
    'widgets',
    'scripts/build',
    'scripts/contrib',
    'docs',
    'package.json',
    'package-lock.json',
  ];
  const texts = ['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'tsconfig.json'];
  for (const path of [...parts, ...texts]) cpSync(join(root, path), join(copy, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Runs a script of the build in the copy; returns what it printed, and throws if it failed. */
function run(script: string, ...args: readonly string[]): string {
  const tsx = [join('node_modules', 'tsx', 'dist', 'cli.mjs'), `scripts/build/${script}.ts`];
  // npm writes its cache into the home folder.
  const env = { ...process.env, HOME: copy };
  return execFileSync(process.execPath, [...tsx, ...args], {
    cwd: copy,
    env,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

function otop(...args: readonly string[]): string {
  const env = { ...emptyWorld(), HOME: copy };
  return execFileSync('sh', [join(copy, 'dist/otop.js'), ...args], { encoding: 'utf8', env });
}

describe('a build', () => {
  it('says nothing, and is repeated only if it was interrupted or something changed', () => {
    const builtMs = () => statSync(join(copy, 'dist/otop.js')).mtimeMs;
    expect(run('build', '--if-stale')).toBe('');
    expect(otop('--version')).toBe(versionWords);
    const first = builtMs();
    run('build', '--if-stale');
    expect(builtMs()).toBe(first);
    rmSync(join(copy, 'dist/.built'));
    run('build', '--if-stale');
    const second = builtMs();
    expect(second).toBeGreaterThan(first);
    appendFileSync(join(copy, 'lib/cli/cli.ts'), '\n');
    run('build', '--if-stale');
    expect(builtMs()).toBeGreaterThan(second);
  });

  it('fails with a message if a source is wrong, and is not taken for built', () => {
    const path = join(copy, 'lib/wrong.ts');
    appendFileSync(join(copy, 'lib/cli/cli.ts'), "import '../wrong.ts';\n");
    expect(() => run('build', '--if-stale')).toThrow(/wrong\.ts/);
    expect(existsSync(join(copy, 'dist/.built'))).toBe(false);
    writeFileSync(path, 'export {};\n');
    expect(run('build', '--if-stale')).toBe('');
  });
});

describe('the released package', () => {
  let folder: string;
  beforeAll(() => {
    const printed = run('package');
    expect(printed).toMatch(/^release\/otop-.*\.tgz\n\d+ bytes\nsha256 [0-9a-f]{64}\n$/);
    expect(Number(/(\d+) bytes/.exec(printed)?.[1])).toBeLessThan(1.5e6);
    folder = join(copy, 'release/otop');
  });

  it('needs no other package and no script', () => {
    const released = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    expect(Object.keys(released)).toEqual(
      expect.arrayContaining(['name', 'version', 'license', 'engines', 'os', 'bin', 'man', 'files']),
    );
    for (const field of ['dependencies', 'devDependencies', 'scripts', 'private', 'type'])
      expect(released).not.toHaveProperty(field);
    for (const path of [released.bin.otop, ...released.man, ...released.files])
      expect(existsSync(join(folder, path))).toBe(true);
    const needed = readdirSync(join(folder, 'dist/chunks')).flatMap((name) => {
      const code = readFileSync(join(folder, 'dist/chunks', name), 'utf8');
      return [...code.matchAll(/\brequire\("([a-z@][^":]*)"\)/g)].map(([, id]) => id ?? '');
    });
    const ofNode = process.getBuiltinModule('node:module').builtinModules;
    expect(needed.filter((id) => !ofNode.includes(id))).toEqual([]);
  });

  it('holds the licence of every package that is in it', () => {
    const licences = readFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const names = Object.keys(manifest.dependencies).map((name) =>
      name === 'blessed' ? 'neo-blessed' : name,
    );
    for (const name of [...names, 'execa', 'xsel'])
      expect(licences).toMatch(new RegExp(`^${name} [\\d.]+: `, 'm'));
  });

  it('is built without code for one version of Node', () => {
    expect(readdirSync(join(folder, 'dist/chunks')).filter((name) => !name.endsWith('.js'))).toEqual([]);
  });
});

describe('otop on Windows', () => {
  it('names WSL in one line, and exits with 2', async () => {
    const fake = join(copy, 'windows.cjs');
    writeFileSync(fake, "Object.defineProperty(process, 'platform', { value: 'win32' });\n");
    const env = { HOME: copy, OTOP_PROC_ROOT: '', NODE_OPTIONS: `--require="${fake}"` };
    for (const args of [[], ['status'], ['sessions', '--json']]) {
      const { code, out, err } = await runOtop(args, env);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^otop: Windows is not supported: use WSL .*\n$/);
    }
    expect(manifest.os).not.toContain('win32');
  });
});
