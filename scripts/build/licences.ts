import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './program.ts';

/** An installed package with its licence. */
interface Licensed {
  /** Name and version, for example `commander 14.0.3`. */
  readonly title: string;
  /** As package.json says it, for example `MIT`. */
  readonly licence: string;
  readonly text: string;
}

/** Who wrote the packages that say `MIT` in package.json and have no text of it: for sdk its repository says it. */
const holders: Readonly<Record<string, string>> = {
  '@opencode-ai/sdk': '2025 opencode',
  x256: 'James Halliday',
};

/** The program that clipboardy brings along; its text is from COPYING in its repository, github.com/kfish/xsel. */
const xsel: Licensed = {
  title: 'xsel 1.2.0',
  licence: 'HPND-sell-variant',
  text: `Copyright (C) 2001 Conrad Parker <conrad@vergenet.net>

Permission to use, copy, modify, distribute, and sell this software and its
documentation for any purpose is hereby granted without fee, provided that
the above copyright notice appear in all copies and that both that copyright
notice and this permission notice appear in supporting documentation. No
representations are made about the suitability of this software for any
purpose. It is provided "as is" without express or implied warranty.`,
};

/** Returns the folders of the packages of these modules, and of those named. */
export function packagesOf(modulePaths: readonly string[], names: readonly string[]): readonly string[] {
  const folders = modulePaths.flatMap(
    (path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  return [...new Set([...folders, ...names.map((name) => realpathSync(join(root, 'node_modules', name)))])];
}

/** Returns one text with the licences of these packages, and of xsel. Throws if the text of one is not known. */
export function licencesOf(folders: readonly string[]): string {
  const licensed = [...folders.map(licenceOf), xsel].sort((one, other) => (one.title < other.title ? -1 : 1));
  const list = licensed.map(({ title, licence }) => `${title}: ${licence}`).join('\n');
  const texts = licensed.map(({ title, text }) => `${'-'.repeat(80)}\n${title}\n\n${text.trim()}\n`);
  return `otop contains these packages:\n\n${list}\n\n${texts.join('\n')}`;
}

function licenceOf(folder: string): Licensed {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: unknown;
  };
  const text = licenceText(folder, name, license);
  if (typeof license !== 'string' || text === undefined)
    throw new Error(`${name} ${version} is bundled, but ${folder} has no text of its licence`);
  return { title: `${name} ${version}`, licence: license, text };
}

function licenceText(folder: string, name: string, licence: unknown): string | undefined {
  const file = readdirSync(folder).find((each) => /^licen[cs]e(\.(md|txt))?$/i.test(each));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8');
  const holder = holders[name];
  if (holder === undefined || licence !== 'MIT') return undefined;
  // Ours is the same licence.
  return readFileSync(join(root, 'LICENSE'), 'utf8').replace(/^Copyright.*$/m, `Copyright (c) ${holder}`);
}
