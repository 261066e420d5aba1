import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formFor, misfitOf, programsOnPath, runningPrograms } from '../../lib/plugin/form.ts';
import type { Run } from '../../lib/system/run-program.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'otop-form-spec-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content = ''): string {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content, { mode: 0o755 });
  chmodSync(whole, 0o755);
  return whole;
}

const answering =
  (stdout: string): Run =>
  async (_file, args) => ({ kind: 'ended', exitCode: 0, stdout: args[0] === '--version' ? stdout : '' });
const never: Run = async () => {
  throw new Error('nothing may be run');
};

describe('the form of the plugin', () => {
  const of = (...versions: readonly string[]) =>
    formFor(versions.map((version) => ({ name: 'opencode', version })));

  it('is the object if any opencode can take it, and if no version is known', () => {
    expect(of('1.14.34')).toBe('object');
    expect(of('1.18.34', '2.3.2')).toBe('object');
    expect(of('1.2.27', '2.0.3')).toBe('object');
    expect(of('0.0.0-next-1234')).toBe('object');
    expect(formFor([{ name: 'opencode' }])).toBe('object');
    expect(of()).toBe('object');
  });

  it('is the function if every known opencode takes only that', () => {
    expect(of('1.2.27')).toBe('function');
    expect(of('1.3.2', '1.2.27')).toBe('function');
    expect(formFor([{ name: 'opencode', version: '1.14.33' }, { name: 'opencode' }])).toBe('function');
  });

  it.each([
    ['object', 'opencode', '1.3.2', 'opencode 1.3.2 cannot load this form of the plugin', 'update opencode'],
    ['function', 'opencode', '2.0.18', 'opencode 2.0.18 cannot load', 'run `otop plugin install`'],
    [
      'function',
      'opencode2',
      '0.0.0-next-7',
      'opencode 0.0.0-next-7 cannot load',
      'run `otop plugin install`',
    ],
    ['object', 'lildax', '1.18.18', 'the preview of opencode 2 tells plugins nothing', 'update opencode'],
  ] as const)('%s does not fit %s %s', (form, name, version, reason, advice) => {
    const misfit = misfitOf(form, { name, version });
    expect(misfit?.reason).toContain(reason);
    expect(misfit?.advice).toContain(advice);
  });

  it.each([
    ['object', '1.14.34'],
    ['object', '2.3.2'],
    ['function', '1.2.27'],
    ['function', '1.18.33'],
    ['object', undefined],
  ] as const)('%s fits %s', (form, version) => {
    expect(misfitOf(form, { name: 'opencode', ...(version !== undefined && { version }) })).toBeUndefined();
  });
});

describe('the versions of opencode', () => {
  it('are those of the running programs, which are not run', () => {
    const program = put('lib/opencode-ai/bin/opencode');
    put('lib/opencode-ai/package.json', '{"name": "opencode-ai", "version": "1.18.34"}');
    const unknown = put('.opencode/bin/opencode');
    for (const [pid, path] of [
      ['7', program],
      ['8', unknown],
    ] as const) {
      mkdirSync(join(root, 'proc', pid), { recursive: true });
      symlinkSync(path, join(root, 'proc', pid, 'exe'));
    }
    expect(runningPrograms(join(root, 'proc'), [7, 8, 9])).toEqual([
      { pid: 7, name: 'opencode', version: '1.18.34' },
      { pid: 8, name: 'opencode' },
    ]);
  });

  it('include that of the PATH, by its package', async () => {
    put('node_modules/opencode-ai/package.json', '{"name": "opencode-ai", "version": "1.18.34"}');
    const bin = dirname(put('node_modules/opencode-ai/bin/opencode'));
    expect(await programsOnPath({ PATH: bin }, never)).toEqual([{ name: 'opencode', version: '1.18.34' }]);
    expect(await programsOnPath({ PATH: root }, never)).toEqual([]);
  });

  it('include that of the PATH, by one run', async () => {
    const PATH = dirname(put('bin/opencode'));
    const found = async (run: Run) => (await programsOnPath({ PATH }, run))[0];
    expect(await found(answering('opencode v2.0.18\n'))).toEqual({ name: 'opencode', version: '2.0.18' });
    expect(await found(answering('1.18.34\n'))).toEqual({ name: 'opencode', version: '1.18.34' });
    expect(await found(answering('help\n'))).toEqual({ name: 'opencode' });
    expect(await found(async () => ({ kind: 'timeout' }))).toEqual({ name: 'opencode' });
    put('bin/opencode2');
    expect(await programsOnPath({ PATH }, answering('0.0.0-next-7'))).toHaveLength(2);
  });
});
