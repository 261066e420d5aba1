import { statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readPlainFile } from '../system/files.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';

/** Looking whether HEAD moved costs a `stat`: no more often than this. */
const restMs = 5000;
/** Outside of a repository it costs one for each folder above, and a repository rarely comes to be around a directory. */
const outsideRestMs = 30_000;
const longestName = 100;

interface Known {
  /** Absent where the directory is in no repository. */
  readonly headPath?: string;
  readonly changedAtMs?: number;
  readonly name?: DisplayText;
  readonly lookedAtMs: number;
}

/** The git branches of directories, from the repositories' files alone: no git is run and nothing is written. */
export class GitBranches {
  readonly #known = new Map<string, Known>();

  /**
   * The branch that is checked out where a directory is, or a detached HEAD's commit, shortened; undefined outside a
   * repository. Worktrees and submodules, whose `.git` is a file that names the place, have their own.
   */
  of(directoryPath: string, nowMs: number): DisplayText | undefined {
    const known = this.#known.get(directoryPath);
    const wantedRestMs = known?.headPath === undefined ? outsideRestMs : restMs;
    if (known && Math.abs(nowMs - known.lookedAtMs) < wantedRestMs) return known.name;
    const looked = look(directoryPath, known, nowMs);
    this.#known.set(directoryPath, looked);
    return looked.name;
  }
}

function look(directoryPath: string, known: Known | undefined, nowMs: number): Known {
  const headPath = known?.headPath ?? findHead(directoryPath);
  const changedAtMs = headPath === undefined ? undefined : changeTimeMs(headPath);
  if (headPath === undefined || changedAtMs === undefined) return { lookedAtMs: nowMs };
  if (known?.changedAtMs === changedAtMs) return { ...known, lookedAtMs: nowMs };
  const name = branchName(readText(headPath) ?? '');
  return { headPath, changedAtMs, lookedAtMs: nowMs, ...(name !== undefined && { name }) };
}

/** `HEAD` of the repository that a directory belongs to: its own `.git`, or that of the nearest directory above. */
function findHead(directoryPath: string): string | undefined {
  if (!isAbsolute(directoryPath)) return undefined;
  for (let folder = directoryPath; ; folder = dirname(folder)) {
    const place = join(folder, '.git');
    const head = join(place, 'HEAD');
    if (changeTimeMs(head) !== undefined) return head;
    // gitfile: https://git-scm.com/docs/gitrepository-layout
    const named = /^gitdir: (.+?)\r?\n?$/.exec(readText(place) ?? '')?.[1];
    if (named !== undefined) return join(resolve(folder, named), 'HEAD');
    if (folder === dirname(folder)) return undefined;
  }
}

function branchName(head: string): DisplayText | undefined {
  const branch = /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1];
  if (branch !== undefined) return sanitize(branch, longestName);
  const commit = /^[0-9a-f]{40,64}$/m.exec(head)?.[0];
  return commit === undefined ? undefined : sanitize(`(${commit.slice(0, 7)})`);
}

/** When a file was changed last; undefined where there is none, or it cannot be asked. */
function changeTimeMs(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.ctimeMs;
  } catch {
    // Absent, or in a directory that is not ours to read: no branch is known.
    return undefined;
  }
}

/** The text of a small file; undefined where there is none, or it is a directory. */
function readText(path: string): string | undefined {
  try {
    return readPlainFile(path).slice(0, 4096);
  } catch {
    // As above.
    return undefined;
  }
}
