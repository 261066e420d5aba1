import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

interface Import {
  readonly file: string;
  readonly target: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

const files = ['lib', 'widgets', 'scripts'].flatMap(sourceFiles);
const textOf = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

/** Every import of our files, our own targets as paths from the root, packages by name. */
const imports: Import[] = files.flatMap((file) => {
  const text = textOf.get(file) ?? '';
  const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((found) => found[1] ?? '');
  return targets.map((target) => ({
    file,
    target: target.startsWith('.') ? relative(root, resolve(root, dirname(file), target)) : target,
  }));
});

const offenders = (rule: (one: Import) => boolean) =>
  imports.filter(rule).map(({ file, target }) => `${file} imports ${target}`);

const within = (path: string, ...folders: string[]) =>
  folders.some((folder) => path.startsWith(`${folder}/`));
const isOurs = (target: string) => within(target, 'lib', 'widgets', 'scripts', 'spec');
const pure = ['lib/domain', 'lib/text', 'lib/view'];

describe('the direction of imports', () => {
  it('finds imports at all', () => {
    expect(imports.length).toBeGreaterThan(50);
  });

  it('keeps domain, text and view pure: they import only one another', () => {
    expect(offenders(({ file, target }) => within(file, ...pure) && !within(target, ...pure))).toEqual([]);
  });

  it('keeps the clock and the environment out of domain, text and view', () => {
    const reachesOut =
      /\bDate\.now\(|\bnew Date\(\)|(?<![.\w])process\.(env|argv|stdout|stderr|cwd\(|hrtime|platform|on\()/;
    const impure = files.filter((file) => within(file, ...pure) && reachesOut.test(textOf.get(file) ?? ''));
    expect(impure).toEqual([]);
  });

  it('lets sources know domain types and text, never the view, the widgets or the app', () => {
    expect(
      offenders(
        ({ file, target }) =>
          within(file, 'lib/sources') &&
          isOurs(target) &&
          !within(target, 'lib/sources', 'lib/domain', 'lib/text'),
      ),
    ).toEqual([]);
  });

  it('lets widgets know view models, never sources', () => {
    expect(
      offenders(
        ({ file, target }) =>
          within(file, 'widgets') && isOurs(target) && !within(target, 'widgets', ...pure),
      ),
    ).toEqual([]);
  });

  it('lets only widgets/terminal.ts import blessed itself', () => {
    expect(
      offenders(({ file, target }) => /^(neo-)?blessed$/.test(target) && file !== 'widgets/terminal.ts'),
    ).toEqual([]);
  });

  it('lets nothing import the command line', () => {
    expect(offenders(({ target }) => target === 'lib/cli.ts')).toEqual([]);
  });

  it('has no file that only passes on what others export', () => {
    const barrels = files.filter((file) => /^export\s+(\*|\{[^}]*\})\s+from/m.test(textOf.get(file) ?? ''));
    expect(barrels).toEqual([]);
  });

  it('has no default exports outside configuration files', () => {
    const defaults = files.filter(
      (file) => !file.endsWith('.config.ts') && /^export default/m.test(textOf.get(file) ?? ''),
    );
    expect(defaults).toEqual([]);
  });
});
