import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentCommit, root, sources, writeProgram } from './program.ts';

const dist = join(root, 'dist');
/** Written last, so that a build that was interrupted has none. */
const stampPath = join(dist, '.built');

/**
 * Returns a digest of everything that decides what a build looks like: the sources, the commit, and this Node, whose V8
 * compiles the chunks. Times are not used: git and copies set them as they like.
 */
function stampOf(commit: string): string {
  const digest = createHash('sha256').update(`${process.version} ${process.arch} ${commit}`);
  for (const path of sources.flatMap(filesIn))
    digest.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  return digest.digest('hex');
}

/** Returns the files at a path, itself or below it, in a fixed order. */
function filesIn(path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesIn(`${path}/${name}`));
}

function readStamp(): string | undefined {
  try {
    return readFileSync(stampPath, 'utf8');
  } catch {
    return undefined;
  }
}

const commit = currentCommit();
const stamp = stampOf(commit);
if (!process.argv.includes('--if-stale') || readStamp() !== stamp) {
  rmSync(stampPath, { force: true });
  await writeProgram({ dir: dist, build: { isRelease: false, commit }, isCompiled: true });
  writeFileSync(stampPath, stamp);
}
