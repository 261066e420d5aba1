import { statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readPlainFile } from '../system/files.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';

/** Limits how often HEAD is checked, since each check costs a `stat`. */
const checkIntervalMs = 5000;
/** Outside a repository a check costs a `stat` for each parent folder, and repositories rarely appear later. */
const outsideCheckIntervalMs = 30_000;
const maxNameCells = 100;

interface CachedBranch {
  /** Absent if the directory is in no repository. */
  readonly headPath?: string;
  readonly changedAtMs?: number;
  readonly name?: DisplayText;
  readonly checkedAtMs: number;
}

/** The git branches of directories. Reads only files of the repositories: never runs git and never writes. */
export class GitBranches {
  readonly #known = new Map<string, CachedBranch>();

  /**
   * The branch that is checked out in the repository of a directory, or the short commit of a detached HEAD. Returns
   * undefined outside a repository. Worktrees and submodules have their own branch; their `.git` is a file with a path.
   */
  of(directoryPath: string, nowMs: number): DisplayText | undefined {
    const known = this.#known.get(directoryPath);
    const intervalMs = known?.headPath === undefined ? outsideCheckIntervalMs : checkIntervalMs;
    if (known && Math.abs(nowMs - known.checkedAtMs) < intervalMs) return known.name;
    const branch = checkBranch(directoryPath, known, nowMs);
    this.#known.set(directoryPath, branch);
    return branch.name;
  }
}

function checkBranch(directoryPath: string, known: CachedBranch | undefined, nowMs: number): CachedBranch {
  const headPath = known?.headPath ?? findHead(directoryPath);
  const changedAtMs = headPath === undefined ? undefined : changeTimeMs(headPath);
  if (headPath === undefined || changedAtMs === undefined) return { checkedAtMs: nowMs };
  if (known?.changedAtMs === changedAtMs) return { ...known, checkedAtMs: nowMs };
  const name = branchName(readText(headPath) ?? '');
  return { headPath, changedAtMs, checkedAtMs: nowMs, ...(name !== undefined && { name }) };
}

/** The path of `HEAD` in the nearest `.git`: of the directory itself or of a parent; undefined if there is none. */
function findHead(directoryPath: string): string | undefined {
  if (!isAbsolute(directoryPath)) return undefined;
  for (let folder = directoryPath; ; folder = dirname(folder)) {
    const gitPath = join(folder, '.git');
    const head = join(gitPath, 'HEAD');
    if (changeTimeMs(head) !== undefined) return head;
    // gitfile: https://git-scm.com/docs/gitrepository-layout
    const gitDirectory = /^gitdir: (.+?)\r?\n?$/.exec(readText(gitPath) ?? '')?.[1];
    if (gitDirectory !== undefined) return join(resolve(folder, gitDirectory), 'HEAD');
    if (folder === dirname(folder)) return undefined;
  }
}

function branchName(head: string): DisplayText | undefined {
  const branch = /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1];
  if (branch !== undefined) return sanitize(branch, maxNameCells);
  const commit = /^[0-9a-f]{40,64}$/m.exec(head)?.[0];
  return commit === undefined ? undefined : sanitize(`(${commit.slice(0, 7)})`);
}

/** The ctime of a file in ms; undefined if it is missing or `stat` fails. */
function changeTimeMs(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.ctimeMs;
  } catch {
    // A part of the path is a file, or the folder is not readable.
    return undefined;
  }
}

/** The text of a small file; undefined if it is missing, unreadable or not a regular file. */
function readText(path: string): string | undefined {
  try {
    return readPlainFile(path).slice(0, 4096);
  } catch {
    return undefined;
  }
}
