import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitBranches } from '../../lib/sources/git-branch.ts';

let folder: string;
let repository: string;
let branches: GitBranches;
let nowMs = 0;
const branchOf = (path: string) => {
  nowMs += 5000;
  return branches.of(path, nowMs);
};
const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@y', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  }).trim();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-git-'));
  repository = join(folder, 'project');
  mkdirSync(join(repository, 'src', 'deep'), { recursive: true });
  branches = new GitBranches();
  git(repository, 'init', '-q', '-b', 'main');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a directory's git branch", () => {
  it('is known from the first commit on, for every directory of the repository', () => {
    expect(branchOf(repository)).toBe('main');
    expect(branchOf(join(repository, 'src', 'deep'))).toBe('main');
    expect(branchOf(folder)).toBeUndefined();
  });

  it('changes with git switch, and is the commit of a detached HEAD', () => {
    expect(branchOf(repository)).toBe('main');
    git(repository, 'commit', '-q', '--allow-empty', '-m', 'one');
    git(repository, 'switch', '-q', '-c', 'feature/日本-names');
    expect(branchOf(repository)).toBe('feature/日本-names');
    git(repository, 'switch', '-q', '--detach');
    expect(branchOf(repository)).toBe(`(${git(repository, 'rev-parse', '--short=7', 'HEAD')})`);
  });

  it('is separate for a worktree and for a submodule', () => {
    git(repository, 'commit', '-q', '--allow-empty', '-m', 'one');
    git(repository, 'worktree', 'add', '-q', '-b', 'side', '../side');
    expect(branchOf(join(folder, 'side'))).toBe('side');
    const inner = join(repository, 'vendor');
    mkdirSync(join(repository, '.git', 'modules', 'vendor'), { recursive: true });
    mkdirSync(inner);
    writeFileSync(join(inner, '.git'), 'gitdir: ../.git/modules/vendor\n');
    writeFileSync(join(repository, '.git', 'modules', 'vendor', 'HEAD'), 'ref: refs/heads/pinned\n');
    expect(branchOf(inner)).toBe('pinned');
  });

  it('is undefined without a repository and with an invalid HEAD', () => {
    expect(branchOf(repository)).toBe('main');
    writeFileSync(join(repository, '.git', 'HEAD'), 'nonsense\x1b[31m');
    expect(branchOf(repository)).toBeUndefined();
    rmSync(join(repository, '.git'), { recursive: true });
    expect(branchOf(repository)).toBeUndefined();
    expect(branchOf('not/absolute')).toBeUndefined();
  });

  it('is read at most every five seconds', () => {
    expect(branches.of(repository, 100_000)).toBe('main');
    git(repository, 'symbolic-ref', 'HEAD', 'refs/heads/other');
    expect(branches.of(repository, 104_900)).toBe('main');
    expect(branches.of(repository, 105_100)).toBe('other');
  });
});
