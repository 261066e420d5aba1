import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readmeSections, withSections } from '../../scripts/readme-sections.ts';

const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(resolve(root, 'README.md'), 'utf8');

describe('the README', () => {
  it('lists the existing keys and columns (`npm run readme` updates it)', () => {
    expect(withSections(readme, readmeSections)).toBe(readme);
  });

  it('gives a reason for each dependency', () => {
    const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const name of Object.keys(manifest.dependencies)) expect(readme).toContain(`| \`${name}\``);
  });

  it('names only npm scripts that exist', () => {
    const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map((found) => found[1] ?? '');
    expect(named.length).toBeGreaterThan(2);
    for (const name of named) expect(Object.keys(manifest.scripts)).toContain(name);
  });
});
