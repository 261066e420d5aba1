import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../lib/config/config-file.ts';
import { GitBranches } from '../../lib/sources/git-branch.ts';
import { openLogger } from '../../lib/system/logger.ts';
import { writeOwnedFile } from '../../lib/system/owned-file.ts';
import { runOtop } from '../support/program.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-pipes-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function pipe(path: string): string {
  const fullPath = join(home, path);
  mkdirSync(dirname(fullPath), { recursive: true });
  execFileSync('mkfifo', [fullPath]);
  return fullPath;
}

/** Every file with a fixed name that otop reads below a home. */
const files = [
  ...['config.jsonc', 'token'].map((name) => `.config/otop/${name}`),
  ...['viewed.json', 'view.json', 'serve.json', 'answers.log'].map((name) => `.local/state/otop/${name}`),
  '.local/state/otop/markers/1@x.json',
  ...['config.json', 'opencode.json', 'opencode.jsonc', 'plugins/otop.js'].map(
    (name) => `.config/opencode/${name}`,
  ),
  ...['opencode.json', 'opencode.jsonc'].map((name) => `.opencode/${name}`),
  '.cache/opencode/models.json',
  '.local/state/opencode/service.json',
  ...['opencode.db', 'opencode.db-wal', 'opencode.db-shm', 'log/opencode.log'].map(
    (name) => `.local/share/opencode/${name}`,
  ),
  ...['passwords', 'tokens'],
];

describe('a pipe in place of a file', () => {
  it.each([
    ['--once'],
    ['sessions', '--all'],
    ['doctor'],
    ['config'],
    ['status'],
    ['plugin', 'status'],
    ['serve', '--bind', '0.0.0.0'],
  ])('does not block `otop %s %s`', async (...args) => {
    const env = {
      HOME: home,
      OTOP_TOKENS: join(home, 'tokens'),
      OTOP_SERVER_PASSWORDS: join(home, 'passwords'),
    };
    for (const file of files) pipe(file);
    const { code } = await runOtop(
      args.filter((word) => word !== undefined),
      env,
    );
    expect([0, 1, 2]).toContain(code);
  });

  it('is reported as no plain file if the file matters', () => {
    const path = pipe('config.jsonc');
    expect(readConfig({ path, named: true }).problems.map(({ text }) => text)).toEqual([
      'it cannot be read (no plain file)',
    ]);
    expect(() => openLogger({ path, level: 'info', nowMs: () => 1 })).toThrow();
  });

  it('gives a directory no branch', () => {
    pipe('project/.git/HEAD');
    pipe('worktree/.git');
    const git = new GitBranches();
    for (const name of ['project', 'worktree']) expect(git.of(join(home, name), 1)).toBeUndefined();
  });

  it('does not block a write, neither as the file nor as its temporary file', () => {
    const path = pipe('state/view.json');
    writeOwnedFile(path, 'new\n');
    pipe(`state/.view.json.${process.pid}`);
    expect(() => writeOwnedFile(path, 'newer\n')).toThrow();
    expect(readdirSync(dirname(path))).toEqual(['view.json']);
  });

  it('leaves the old file if only a part of the new one can be written, as on a disk that fills up', () => {
    const path = join(home, 'view.json');
    writeOwnedFile(path, 'old\n');
    // A pipe with a reader accepts as much as fits, and the write reports no error.
    const temporaryPath = pipe(`.view.json.${process.pid}`);
    const reader = openSync(temporaryPath, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      expect(() => writeOwnedFile(path, 'new\n'.repeat(2 ** 18))).toThrow();
    } finally {
      closeSync(reader);
    }
    expect(readFileSync(path, 'utf8')).toBe('old\n');
  });
});

describe('the null device', () => {
  it('is an empty configuration', () => {
    const link = join(home, 'link');
    symlinkSync(devNull, link);
    for (const path of [devNull, link])
      expect(readConfig({ path, named: true })).toEqual({ values: {}, problems: [] });
    writeFileSync(join(home, 'full'), '{ "theme": "mono" }');
    expect(readConfig({ path: join(home, 'full'), named: true }).values).toEqual({ theme: 'mono' });
  });
});
