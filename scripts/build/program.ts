import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Build } from '../../lib/system/build.ts';
import { type BundleOptions, writeBundle } from './bundle.ts';

/** Folder of the repository. */
export const root = resolve(import.meta.dirname, '../..');

/** What a build is made of, relative to `root`. */
export const sources = ['lib', 'widgets', 'scripts/build', 'package.json', 'package-lock.json'];

/** Files that the program writes about itself, and the commands that print them. */
const printed = {
  'otop.1': ['man'],
  'config.schema.json': ['config', '--schema'],
  'sessions.schema.json': ['sessions', '--schema'],
};

/**
 * Returns the short id of the commit that is checked out, with `, changed` if the sources differ from it. Returns an empty
 * text without git, in a folder that is no clone of otop, or before the first commit.
 */
export function currentCommit(): string {
  try {
    // A folder within the clone of something else has nothing to do with that one's commits.
    if (resolve(git('rev-parse', '--show-toplevel')) !== root) return '';
    const changes = git('status', '--porcelain', '--', ...sources);
    return `${git('rev-parse', '--short=9', 'HEAD')}${changes === '' ? '' : ', changed'}`;
  } catch {
    return '';
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

/**
 * Writes the program, its manual page and its JSON Schemas into a folder. Returns the paths of the modules in it. Throws if
 * the bundler warns or the program does not start.
 */
export async function writeProgram(
  options: BundleOptions & { readonly build: Build },
): Promise<readonly string[]> {
  const modules = await writeBundle(options);
  const program = join(options.dir, 'otop.js');
  chmodSync(program, 0o755);
  for (const [name, args] of Object.entries(printed))
    writeFileSync(join(options.dir, name), execFileSync(process.execPath, [program, ...args]));
  return modules;
}
