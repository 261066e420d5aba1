import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
/** The facts beside the code. */
const sourceNotes = readdirSync(join(root, 'lib/sources'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => join('lib/sources', name));
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

/** Groups of files that import one another around in a circle, found as Tarjan's strongly connected components. */
function cyclesOf(edges: readonly Import[]): string[][] {
  const targetsOf = new Map<string, string[]>();
  for (const { file, target } of edges) targetsOf.set(file, [...(targetsOf.get(file) ?? []), target]);
  const indexOf = new Map<string, number>();
  const open: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): number => {
    const index = indexOf.size;
    indexOf.set(file, index);
    open.push(file);
    let low = index;
    const targets = targetsOf.get(file) ?? [];
    for (const target of targets) {
      if (!indexOf.has(target)) low = Math.min(low, visit(target));
      else if (open.includes(target)) low = Math.min(low, indexOf.get(target) ?? low);
    }
    if (low === index) {
      const members = open.splice(open.indexOf(file));
      if (members.length > 1 || targets.includes(file)) cycles.push(members.sort());
    }
    return low;
  };
  for (const { file } of edges) if (!indexOf.has(file)) visit(file);
  return cycles;
}

/** Without comments, and without calls of regular expressions. */
const code = (file: string) =>
  (textOf.get(file) ?? '').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/\.exec\(/g, '.match(');

const offenders = (rule: (one: Import) => boolean) =>
  imports.filter(rule).map(({ file, target }) => `${file} imports ${target}`);

const within = (path: string, ...folders: string[]) =>
  folders.some((folder) => path.startsWith(`${folder}/`));
const isOurs = (target: string) => within(target, 'lib', 'widgets', 'scripts', 'spec');
const pure = ['lib/domain', 'lib/text', 'lib/view'];
/** Packages that are pure themselves: tables, arithmetic, descriptions of types. */
const purePackages = ['get-east-asian-width', '@sinclair/typebox'];

/** `lib/sources/log/facts.ts` → `sources`; widgets are a room of their own. */
const roomOf = (path: string) =>
  (path.startsWith('lib/') ? (path.split('/')[1] ?? '') : path.split('/')[0]) ?? '';

const readers = ['config', 'sources', 'system', 'domain', 'text'];
/** What each room may import: lib/README.md draws the same picture. */
const below: Readonly<Record<string, readonly string[]>> = {
  cli: ['commands', 'dashboard', 'serve', 'doctor', 'plugin', 'monitor', 'view', ...readers],
  commands: ['bar', 'dashboard', 'serve', 'doctor', 'plugin', 'monitor', 'view', 'widgets', ...readers],
  doctor: ['dashboard', 'plugin', 'monitor', 'view', 'widgets', ...readers],
  dashboard: ['monitor', 'view', 'widgets', ...readers],
  serve: ['monitor', 'view', ...readers],
  plugin: ['monitor', ...readers],
  bar: ['config', 'system', 'text'],
  monitor: ['demo', ...readers],
  demo: ['sources', 'system', 'domain', 'text'],
  config: ['system', 'domain', 'text'],
  sources: ['system', 'domain', 'text'],
  system: ['text'],
  widgets: ['view', 'domain', 'text'],
  view: ['domain', 'text'],
  domain: ['text'],
  text: [],
};

describe('the direction of imports', () => {
  it('finds imports at all', () => {
    expect(imports.length).toBeGreaterThan(50);
  });

  it('finds the cycles of a graph of imports', () => {
    const graph = ['a b', 'b c', 'c b', 'c d', 'e e', 'f a'].map((edge) => {
      const [file = '', target = ''] = edge.split(' ');
      return { file, target };
    });
    expect(cyclesOf(graph)).toEqual([['b', 'c'], ['e']]);
  });

  it('has no import cycles, type-only ones included', () => {
    expect(cyclesOf(imports)).toEqual([]);
  });

  it('lets each room import only what lies below it', () => {
    expect(
      offenders(({ file, target }) => {
        const [from, to] = [roomOf(file), roomOf(target)];
        return isOurs(target) && from !== to && !file.startsWith('scripts/') && !below[from]?.includes(to);
      }),
    ).toEqual([]);
  });

  it('lets the pure rooms import no package and nothing of Node', () => {
    expect(
      offenders(
        ({ file, target }) => within(file, ...pure) && !isOurs(target) && !purePackages.includes(target),
      ),
    ).toEqual([]);
  });

  it('keeps the clock and the environment out of domain, text and view', () => {
    const reachesOut =
      /\bDate\.now\(|\bnew Date\(\)|(?<![.\w])process\.(env|argv|stdout|stderr|cwd\(|hrtime|platform|on\()/;
    const impure = files.filter((file) => within(file, ...pure) && reachesOut.test(textOf.get(file) ?? ''));
    expect(impure).toEqual([]);
  });

  it('lets only widgets/terminal.ts import blessed itself', () => {
    expect(
      offenders(({ file, target }) => /^(neo-)?blessed(\/|$)/.test(target) && file !== 'widgets/terminal.ts'),
    ).toEqual([]);
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

  it('makes text displayable nowhere but in lib/text', () => {
    const casts = files.filter(
      (file) =>
        !within(file, 'lib/text') && /\bas (unknown as )?DisplayText\b|<DisplayText>\w/.test(code(file)),
    );
    expect(casts).toEqual([]);
  });

  it('runs nothing through a shell, and loads no code from data', () => {
    const shells =
      /\bexec(Sync)?\(\s*['"`\w]|(?<!\.)\bexec(Sync)?,|shell:\s*(?:true|['"`])|spawn(Sync)?\(\s*['"`](ba|z|da)?sh['"`]|\beval\(|new Function\(|node:vm/;
    const offending = files.filter((file) => within(file, 'lib', 'widgets') && shells.test(code(file)));
    expect(offending).toEqual([]);
  });

  it('takes environment, home, platform and process folder from the context alone', () => {
    const machine = /\bprocess\.(env|platform)\b|\bhomedir\(|['"`]\/proc['"`]/;
    const reading = files.filter((file) => within(file, 'lib', 'widgets') && machine.test(code(file)));
    expect(reading).toEqual(['lib/cli/cli.ts']);
  });

  it('starts other programs in a few known places only', () => {
    const starting = imports.filter(
      ({ file, target }) => target === 'node:child_process' && within(file, 'lib', 'widgets'),
    );
    expect(starting.map(({ file }) => file).sort()).toEqual([
      'lib/dashboard/desktop/clipboard.ts',
      'lib/serve/fork.ts',
      'lib/sources/host/ssh.ts',
      'lib/system/run-program.ts',
    ]);
  });
});

describe('the waits of specs', () => {
  const specs = readdirSync(join(root, 'spec'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('real/') && name !== 'support/wait.ts')
    .map((name) => ({ name, text: readFileSync(join(root, 'spec', name), 'utf8') }))
    .filter(({ name }) => name !== 'architecture.spec.ts');

  it('end at the limit of spec/support/wait.ts, with words for what did not come', () => {
    const endless =
      /await new Promise\b(?!.*setImmediate)|await once\(|\bwhile \(.*\bawait\b|\bvi\.wait(For|Until)\(|AbortSignal\.timeout\(|\.poll\((?![^;]*timeout: waitMs)/;
    expect(specs.filter(({ text }) => endless.test(text)).map(({ name }) => name)).toEqual([]);
  });

  it('are for something, never only for time to pass', () => {
    const pause = /\bsetTimeout\b.* from 'node:timers\/promises'/;
    const pausing = specs.filter(({ name, text }) => name.endsWith('.spec.ts') && pause.test(text));
    expect(pausing.map(({ name }) => name)).toEqual([]);
  });
});

describe('the repository', () => {
  it.skipIf(!existsSync(join(root, '.git')))('has no file that .gitignore names, such as a package', () => {
    const ignored = ['ls-files', '--cached', '--ignored', '--exclude-per-directory=.gitignore'];
    expect(execFileSync('git', ignored, { cwd: root, encoding: 'utf8' })).toBe('');
  });
});

describe('lib/README.md, the map', () => {
  const map = readFileSync(join(root, 'lib/README.md'), 'utf8');
  const names = [...map.matchAll(/`([\w./-]+\.(?:ts|js|md))`/g)].map((found) => found[1] ?? '');

  it('has at most 120 lines', () => {
    expect(map.split('\n').length).toBeLessThanOrEqual(121);
  });

  it('names no file that is not there', () => {
    const here = [
      ...files,
      'lib/plugin/otop.js',
      ...sourceNotes,
      'spec/citations.spec.ts',
      'spec/architecture.spec.ts',
    ];
    const missing = names.filter((name) => {
      const path = name.replace(/^\.\.\//, '');
      return !here.some((file) => file === path || file.endsWith(`/${path}`));
    });
    expect(missing).toEqual([]);
  });

  it('leads a commit from the file event to the cell through at most 25 files', () => {
    const life = map.slice(map.indexOf('## The life of a commit'), map.indexOf('## The life of a key'));
    expect(new Set(life.match(/[\w./-]+\.ts/g)).size).toBeLessThanOrEqual(25);
  });

  it('names every room', () => {
    const rooms = readdirSync(join(root, 'lib'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(rooms.filter(({ name }) => !map.includes(`| \`${name}/\` |`)).map(({ name }) => name)).toEqual([]);
  });
});

describe('the size of files', () => {
  const linesOf = (file: string) => (textOf.get(file) ?? '').split('\n').length - 1;
  const code = files.filter((file) => within(file, 'lib', 'widgets') && !file.endsWith('.d.ts'));

  it('keeps lib and widgets at no more than 400 files, none of them loose in lib', () => {
    expect(code.length).toBeLessThanOrEqual(400);
    expect(code.filter((file) => /^lib\/[^/]+$/.test(file))).toEqual([]);
  });

  it('has no file of twenty lines or less that is more than types', () => {
    const isMoreThanTypes = (file: string) =>
      /^export (async )?(function|const|class)/m.test(textOf.get(file) ?? '');
    expect(code.filter((file) => linesOf(file) <= 20 && isMoreThanTypes(file))).toEqual([]);
  });

  it('leaves what only one file needs in that file', () => {
    const importersOf = (file: string) =>
      new Set(imports.filter(({ target }) => target === file).map(({ file: from }) => from));
    const mayBeSmall =
      /^(lib\/cli\/cli\.ts|lib\/commands\/|lib\/doctor\/checks\/|lib\/domain\/(evidence|session)\/rules\/|widgets\/)/;
    const crumbs = code.filter(
      (file) => linesOf(file) < 60 && !mayBeSmall.test(file) && importersOf(file).size <= 1,
    );
    expect(crumbs).toEqual([]);
  });
});
