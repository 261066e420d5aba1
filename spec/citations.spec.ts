import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/*
 * Comments, and the sources of the state rules, cite a fact by a document of this repository and one of its headings:
 * NAME.md, "Heading". This file's own wrong samples are not searched.
 */

const root = resolve(import.meta.dirname, '..');
const own = relative(root, import.meta.filename);
const searched = ['lib', 'widgets', 'scripts', 'spec', 'docs'];

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  );
}

const files = [...readdirSync(root), ...searched.flatMap(filesIn)];
const paths: ReadonlySet<string> = new Set(files);
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** The headings of a document's text; a `#` inside of a fenced block is none. */
function headingsOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading.trim());
}

const documents: ReadonlyMap<string, readonly string[]> = new Map(
  files.filter((file) => file.endsWith('.md')).map((file) => [file, headingsOf(read(file))]),
);

/**
 * The documents that a name can mean: the one at this path, else all whose paths end in it. A page for users (`docs/`)
 * is not meant if a document of facts has its name, too.
 */
function documentsNamed(name: string): string[] {
  const path = name.replace(/^(\.{1,2}\/)+/, '');
  if (documents.has(path)) return [path];
  const found = [...documents.keys()].filter((each) => each.endsWith(`/${path}`));
  return found.length > 1 ? found.filter((each) => !each.startsWith('docs/')) : found;
}

/** A text as one line, without what begins the lines of a comment. */
function joined(text: string): string {
  return text.replace(/\s*\n\s*(?:\*(?!\/)|\/\/|#)?\s*/g, ' ');
}

const citation = /([\w./-]*\w\.md)`?, "([^"]+)"/g;
const factsDocument = /(?:^|\/)(?:opencode|opencode-2|macos)\.md$/;

/** Every document and heading that a text cites. */
function citationsIn(text: string): { readonly name: string; readonly heading: string }[] {
  return [...joined(text).matchAll(citation)].map(([, name = '', heading = '']) => ({ name, heading }));
}

/** The comments of code; of anything else the whole text. */
function commentsOf(text: string, isCode: boolean): string {
  if (!isCode) return text;
  return [...text.matchAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm)].map(([comment]) => comment).join('\n');
}

/** What is wrong with the citations of a text, in words. Code names a document of facts only with a heading of it. */
function faultsIn(text: string, isCode: boolean): string[] {
  const comments = joined(commentsOf(text, isCode));
  const mentioned = [...comments.matchAll(/([\w./-]*\w\.md)\b(`?, ")?/g)];
  const bare = mentioned
    .filter(([, name = '', quote]) => isCode && factsDocument.test(name) && quote === undefined)
    .map(([, name]) => `${name} is cited without a heading`);
  const cited = citationsIn(text);
  const wrong = cited.flatMap(({ name, heading }) => {
    const found = documentsNamed(name);
    if (found.length > 1) return [`${name} may be ${found.join(' or ')}`];
    const times = found.flatMap((path) => documents.get(path) ?? []).filter((one) => one === heading).length;
    return found.length === 0 || times === 1 ? [] : [`${name} has "${heading}" ${times} times`];
  });
  const unknown = [...mentioned.map(([, name = '']) => name), ...cited.map(({ name }) => name)]
    .filter((name) => documentsNamed(name).length === 0)
    .map((name) => `${name} is not in the repository`);
  const foreign = [...comments.matchAll(/§|\.\.\/shared\b/g)].map(([found]) => `it says ${found}`);
  return [...new Set([...unknown, ...bare, ...wrong, ...foreign])];
}

/** Files of this repository that comments or documents name by their path, and that are not there. */
function missingPathsIn(text: string, isCode: boolean): string[] {
  const named = commentsOf(text, isCode).matchAll(/(?<![\w./-])(?:lib|widgets|scripts|spec)\/[\w./-]*\w/g);
  return [...named].flatMap(([path]) => (paths.has(path) ? [] : [`${path} is not in the repository`]));
}

const isCode = (file: string) => /\.([cm]?js|ts)$/.test(file);
const texts = files
  .filter((file) => (isCode(file) || file.endsWith('.md')) && file !== own)
  .map((file) => ({ file, text: read(file) }));

describe('citations', () => {
  it('are found', () => {
    const cited = texts.filter(({ file }) => isCode(file)).flatMap(({ text }) => citationsIn(text));
    expect(cited.length).toBeGreaterThan(40);
    const names = new Set(cited.map(({ name }) => name));
    expect([...names]).toEqual(expect.arrayContaining(['opencode.md', 'opencode-2.md', 'macos.md']));
  });

  it('name a document of this repository, and a heading that it has once', () => {
    const faults = texts.flatMap(({ file, text }) =>
      faultsIn(text, isCode(file)).map((fault) => `${file}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  it('name files of this repository that are there', () => {
    const faults = texts.flatMap(({ file, text }) =>
      missingPathsIn(text, isCode(file)).map((fault) => `${file}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  it.each([
    ['/** Right (opencode.md, "Ids"). */', []],
    ['/**\n * Over two lines (opencode.md, "Asking or\n * running").\n */', []],
    ['source: \'opencode.md, "Idle"; opencode-2.md, "Ports"\'', []],
    ['// opencode.md, "No such heading"', ['opencode.md has "No such heading" 0 times']],
    ['/** opencode.md,\n * "Nor this\n * one" */', ['opencode.md has "Nor this one" 0 times']],
    ['// see design.md, "The tree"', ['design.md is not in the repository']],
    [
      '// see ../shared/opencode-facts.md',
      ['../shared/opencode-facts.md is not in the repository', 'it says ../shared'],
    ],
    ['// opencode.md says so', ['opencode.md is cited without a heading']],
    ['// as in §3', ['it says §']],
    ['source: \'design.md, "The tree"\'', ['design.md is not in the repository']],
    ["const path = 'docs/queue.md';", []],
    ['// README.md, "Install"', []],
    ['// fixtures/log/README.md, "Recorded logs of real opencode"', []],
  ])('of %j are judged', (text, faults) => {
    expect(faultsIn(text, true)).toEqual(faults);
  });

  it('of a path are judged', () => {
    expect(
      missingPathsIn('/** See lib/no-such-file.ts, spec/citations.spec.ts and lib/sources. */', true),
    ).toEqual(['lib/no-such-file.ts is not in the repository']);
    expect(missingPathsIn("const path = 'lib/no-such-file.ts';", true)).toEqual([]);
  });
});
