import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { licencesOf, packagesOf } from '../../scripts/build/licences.ts';

let modules: string;
beforeEach(() => {
  modules = join(mkdtempSync(join(tmpdir(), 'otop-licences-')), 'node_modules');
});
afterEach(() => rmSync(join(modules, '..'), { recursive: true, force: true }));

/** Writes a package; returns its folder. */
function installed(name: string, description: object, files: Readonly<Record<string, string>>): string {
  const folder = join(modules, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.2.3', ...description }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

describe('the licences of what is bundled', () => {
  it('are those of the packages of its modules, each once, also of a package in a package', () => {
    const paths = ['/a/lib/cli.ts', '/a/node_modules/b/x.js', '/a/node_modules/b/y/z.js'];
    const nested = '/a/node_modules/b/node_modules/@c/d/index.js';
    expect(packagesOf([...paths, nested], [])).toEqual([
      '/a/node_modules/b',
      '/a/node_modules/b/node_modules/@c/d',
    ]);
  });

  it('are listed by name with their whole texts', () => {
    const one = installed('one', { license: 'ISC' }, { 'LICENSE.md': 'the text of one' });
    const two = installed('two', { license: 'MIT' }, { licence: 'the text of two' });
    const text = licencesOf([two, one]);
    expect(text).toMatch(/^one 1\.2\.3: ISC\ntwo 1\.2\.3: MIT$/m);
    expect(text).toMatch(/the text of one\n[\s\S]*the text of two/);
  });

  it.each([
    ['no text', { license: 'MIT' }, {}],
    ['no name', {}, { LICENSE: 'text' }],
  ])('are refused if a package has %s of one', (_what, description, files) => {
    const folder = installed('bare', description, files);
    expect(() => licencesOf([folder])).toThrow(
      /^bare 1\.2\.3 is bundled, but .* has no text of its licence$/,
    );
  });
});
