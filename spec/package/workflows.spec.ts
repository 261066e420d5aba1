import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';

// What can be checked without GitHub. CONTRIBUTING.md names actionlint, which checks the rest by hand.

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly uses?: string;
  readonly 'runs-on'?: string;
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly strategy?: { readonly matrix: { readonly os: string[]; readonly node: string[] } };
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly defaults: { readonly run: { readonly shell: string } };
  readonly concurrency: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>;
  engines: { node: string };
};
const templates = readdirSync(join(root, '.github/ISSUE_TEMPLATE')).map(
  (name) => `.github/ISSUE_TEMPLATE/${name}`,
);
const paths = readdirSync(join(root, '.github/workflows')).map((name) => `.github/workflows/${name}`);

function yaml(path: string): unknown {
  const document = parseDocument(read(path));
  expect([...document.errors, ...document.warnings].map(({ message }) => `${path}: ${message}`)).toEqual([]);
  return document.toJS();
}

const workflows = paths.map((path) => ({ path, ...(yaml(path) as Workflow) }));
const jobs = workflows.flatMap(({ path, jobs }) =>
  Object.entries(jobs).map(([id, job]) => ({ id: `${path}: ${id}`, job })),
);
const commands = jobs.flatMap(({ id, job }) =>
  (job.steps ?? []).flatMap(({ run }) => (run === undefined ? [] : [{ id, run }])),
);

describe('the workflows', () => {
  it('run only npm scripts and files that exist', () => {
    const named = commands.flatMap(({ id, run }) =>
      [...run.matchAll(/npm (?:run ([\w:]+)|(test)\b)/g)].map(([, script, test]) => ({
        id,
        script: script ?? test ?? '',
      })),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ script }) => manifest.scripts[script] === undefined)).toEqual([]);
    const files = commands.flatMap(({ run }) => run.match(/\bscripts\/[\w./-]+/g) ?? []);
    expect(files.length).toBeGreaterThan(1);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('pin each action by one commit and say its version', () => {
    const used = paths.flatMap((path) => read(path).match(/uses: (?!\.\/).*$/gm) ?? []);
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((line) => !/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual(
      [],
    );
    const actions = [...new Set(used)].map((line) => line.split('@')[0]);
    expect(actions).toEqual([...new Set(actions)]);
  });

  it('have rights only where they need them', () => {
    expect(workflows.map(({ path, permissions }) => [path, permissions])).toEqual([
      ['.github/workflows/ci.yml', { contents: 'read' }],
      ['.github/workflows/release.yml', {}],
    ]);
    const writers = jobs.flatMap(({ id, job }) =>
      Object.entries(job.permissions ?? {})
        .filter(([, right]) => right === 'write')
        .map(([scope]) => `${id}: ${scope}`),
    );
    expect(writers).toEqual([
      '.github/workflows/release.yml: draft: contents',
      '.github/workflows/release.yml: publish: id-token',
    ]);
  });

  it('publish only after a person has approved', () => {
    const publishing = jobs.filter(({ job }) => job.steps?.some(({ run }) => run?.includes('npm publish')));
    expect(publishing.map(({ job }) => job.environment)).toEqual(['npm']);
  });

  it('end jobs that hang, and fail if any command of a pipe fails', () => {
    const own = jobs.filter(({ job }) => job.uses === undefined);
    expect(own.filter(({ job }) => job['timeout-minutes'] === undefined).map(({ id }) => id)).toEqual([]);
    expect(workflows.map(({ defaults }) => defaults.run.shell)).toEqual(['bash', 'bash']);
    const groups = workflows.map(({ concurrency }) => concurrency.group);
    expect(new Set(groups).size).toBe(groups.length);
  });

  it('test the same lines of Node.js as package:try, from the oldest that package.json and the README promise', () => {
    const matrices = jobs.flatMap(({ job }) => (job.strategy ? [job.strategy.matrix] : []));
    expect(matrices.map(({ os }) => os)).toEqual([['ubuntu-latest', 'macos-latest']]);
    const nodes = matrices[0]?.node ?? [];
    const tried = /nodeVersions = \[(.*)\]/.exec(read('scripts/try-package.ts'))?.[1] ?? '';
    expect(nodes).toEqual(tried.split(', ').map((version) => version.replaceAll("'", '')));
    expect(manifest.engines.node).toBe(`>=${nodes[0]}`);
    expect(read('README.md')).toContain(`Node.js ${nodes[0]} or newer`);
  });
});

describe('the issue forms', () => {
  it('ask for the report of otop doctor', () => {
    const forms = templates.map((path) => JSON.stringify(yaml(path)));
    expect(forms.some((form) => form.includes('otop doctor --report'))).toBe(true);
  });
});
