import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environment, ownFiles } from '../../lib/cli/manual-page.ts';
import { evidenceKinds } from '../../lib/domain/evidence/match.ts';
import { openMetrics } from '../../lib/serve/metrics.ts';
import manifest from '../../package.json' with { type: 'json' };
import { readResults } from '../../scripts/bench/results.ts';
import { documentSections, withSections } from '../../scripts/document-sections.ts';
import { board, fleet } from '../support/board.ts';
import { nowMs } from '../support/builders.ts';
import { proseOf, root, shellCommandsOf, textOf, userDocuments } from '../support/documents.ts';

/** All documents whose links are checked. */
const documents = [
  ...new Set([
    ...readdirSync(root).filter((name) => name.endsWith('.md')),
    ...userDocuments,
    'lib/README.md',
  ]),
];

/** The anchors of a document's headings, by GitHub's rules. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  return new Set(
    [...proseOf(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
      const text = heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .trim()
        .toLowerCase();
      const anchor = text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
      const times = seen.get(anchor) ?? 0;
      seen.set(anchor, times + 1);
      return times === 0 ? anchor : `${anchor}-${times}`;
    }),
  );
}

/** The targets of the links and pictures of a document. */
function linksOf(markdown: string): string[] {
  const prose = proseOf(markdown).replaceAll(/`[^`\n]*`/g, '`code`');
  const found = [...prose.matchAll(/\]\(([^)\s]+)\)/g), ...prose.matchAll(/(?:src|href)="([^"]+)"/g)];
  return found.map(([, target = '']) => target);
}

function faultOf(document: string, target: string): string | undefined {
  if (/^https?:/.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? document : normalize(join(dirname(document), path));
  if (!existsSync(join(root, file))) return `${document}: there is no ${file}`;
  return anchor === undefined || anchorsOf(textOf(file)).has(anchor)
    ? undefined
    : `${document}: ${file} has no heading #${anchor}`;
}

describe('the documents', () => {
  it.each(Object.entries(documentSections))(
    'have generated parts that are up to date: %s (`npm run readme` updates them)',
    (name, sections) => {
      const document = textOf(name);
      expect(withSections(document, sections)).toBe(document);
    },
  );

  it('have links that lead somewhere', () => {
    const faults = documents.flatMap((document) =>
      linksOf(textOf(document)).flatMap((target) => faultOf(document, target) ?? []),
    );
    expect(faults).toEqual([]);
    expect(documents.flatMap((document) => linksOf(textOf(document))).length).toBeGreaterThan(50);
  });

  it('are all in the index', () => {
    const index = textOf('docs/README.md');
    const missing = userDocuments.filter(
      (document) => document.startsWith('docs/') && !index.includes(`(${document.slice('docs/'.length)})`),
    );
    expect(missing).toEqual(['docs/README.md']);
  });

  it('name only npm scripts that exist', () => {
    const named = documents.flatMap((document) =>
      [...textOf(document).matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
  });

  it('judge a link', () => {
    expect(faultOf('docs/http.md', 'reference.md#columns')).toBeUndefined();
    expect(faultOf('docs/http.md', '../README.md')).toBeUndefined();
    expect(faultOf('docs/http.md', 'nothing.md')).toBe('docs/http.md: there is no docs/nothing.md');
    expect(faultOf('docs/http.md', '#nothing')).toBe('docs/http.md: docs/http.md has no heading #nothing');
    expect([...anchorsOf('# `otop why <pid|session>`\n## A b\n## A b')]).toEqual([
      'otop-why-pidsession',
      'a-b',
      'a-b-1',
    ]);
  });
});

describe('the README', () => {
  const readme = textOf('README.md');
  const words = readme.replaceAll(/\s+/g, ' ');

  it('has at most 160 lines', () => {
    expect(readme.split('\n').length - 1).toBeLessThanOrEqual(160);
  });

  it('has the two commands from a clone', () => {
    const npm = shellCommandsOf('README.md').filter(({ words }) => words[0] === 'npm');
    expect(npm.map(({ words }) => words.join(' '))).toEqual(
      expect.arrayContaining(['npm start', 'npm test']),
    );
  });

  it('has the figures of the saved bench', () => {
    const { real, whole } = readResults();
    const cell = (figures: typeof real, title: string, column = 0) =>
      figures?.rows.find((row) => row.title === title)?.cells[column]?.text ?? 'no such row';
    for (const figure of [
      cell(real, 'processor, 10 real sessions, nothing happens'),
      cell(real, 'processor, 10 real sessions, 3 stream'),
      cell(real, 'processor, 10 real sessions, 3 stream', 1),
      cell(real, 'processor, 10 real sessions, 3 stream', 2),
      cell(real, 'resident memory, 10 real sessions, 3 stream'),
      cell(whole, 'commit to frame, median'),
    ])
      expect(words).toContain(figure);
  });

  it('has the sums of the table of versions', () => {
    const rows = [
      ...textOf('docs/testing.md').matchAll(
        /^\| 1\.\d+\.\d+ \| \d+ of \d+ \| (\d+), (\d+) \| (\d+) of (\d+)/gm,
      ),
    ].map((row) => row.slice(1).map(Number));
    const [certain, wrong, right, all] = [0, 1, 2, 3].map((at) =>
      rows.reduce((sum, row) => sum + (row[at] ?? 0), 0),
    );
    expect(wrong).toBe(0);
    expect(words).toContain(`${right} of ${all}`);
    expect(words).toContain(`of ${certain} matches`);
    expect(words).toContain(`(${((100 * (right ?? 0)) / (all ?? 1)).toFixed(1)} %)`);
  });
});

describe('a document', () => {
  it('gives a reason for each package in package.json, and for no other', () => {
    const listed = [...textOf('docs/dependencies.md').matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  it('names the versions of the packages, which SECURITY.md judges', () => {
    const security = textOf('SECURITY.md');
    const versions = Object.values(manifest.dependencies).map((version) => version.replace(/^npm:.*@/, ''));
    expect(versions.filter((version) => !security.includes(version))).toEqual([]);
  });

  it('names each file of the state folder, which SECURITY.md says otop writes', () => {
    const security = textOf('SECURITY.md');
    const names = ownFiles.flatMap(([path]) => /^~\/\.local\/state\/otop\/([\w.]*\w)/.exec(path)?.[1] ?? []);
    expect(names).toContain('hints.json');
    expect(names.filter((name) => !security.includes(`\`${name}`))).toEqual([]);
  });

  it('ends each symptom in a command that shows more', () => {
    const symptoms = textOf('docs/troubleshooting.md').split(/^## /m).slice(1);
    const last = symptoms.map((symptom) => symptom.trim().split('\n\n').at(-1) ?? '');
    expect(symptoms.length).toBeGreaterThan(10);
    expect(last.filter((text) => !/`otop (why|doctor --report)/.test(text.replaceAll('\n', ' ')))).toEqual(
      [],
    );
  });

  it('lists the kinds of evidence in their order', () => {
    const listed = [...textOf('docs/finding-sessions.md').matchAll(/^\d\. `(\w+)`:/gm)].map(
      ([, kind]) => kind,
    );
    expect(listed).toEqual(evidenceKinds);
  });

  it('lists the metrics of `otop serve`', async () => {
    const metrics = openMetrics({
      version: '1.2.3',
      board: () => board(fleet),
      nowMs: () => nowMs,
      ownUse: () => ({ rssBytes: 1, cpuPercent: 1 }),
      cpuMicros: () => 1,
      eventClients: () => 0,
    });
    const helps = [...(await metrics.text()).matchAll(/^# HELP (\w+) (.*)$/gm)].map(
      ([, name, help]) => `${name}: ${help}`,
    );
    const listed = [...textOf('docs/http.md').matchAll(/^\| `(otop_\w+)` \|[^|]*\| (.*) \|$/gm)].map(
      ([, name, help]) => `${name}: ${help}`,
    );
    expect(listed.sort()).toEqual(helps.sort());
  });

  it('lists each environment variable of otop and opencode that the code reads', () => {
    const named = new Set(
      ['lib', 'widgets'].flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.ts') && name !== 'cli/manual-page.ts')
          .flatMap((name) => [
            ...readFileSync(join(root, folder, name), 'utf8').matchAll(
              /(?:env\.|\{ |'|, )((?:OTOP|OPENCODE|XDG)_[A-Z_]+)\b/g,
            ),
          ])
          .map(([, name = '']) => name),
      ),
    );
    // Set by opencode for its tools, and by otop's own specs.
    const internal = ['OPENCODE_PID', 'OTOP_PROC_ROOT'];
    const listed = environment.flatMap(([names]) => names.split(', '));
    expect(named.size).toBeGreaterThan(10);
    expect([...named].filter((name) => !listed.includes(name) && !internal.includes(name))).toEqual([]);
  });
});
