import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeEmptyFolders, writeOwnedFile } from '../../lib/system/owned-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-owned-'));
  path = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;

describe('a file that is written whole', () => {
  it('is for the owner only if it is new, unless told otherwise', () => {
    writeOwnedFile(path, 'text');
    writeOwnedFile(`${path}.sh`, 'text', 0o700);
    expect([statSync(path).mode & 0o777, statSync(`${path}.sh`).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it('keeps its mode, also one that the mask of new files forbids', () => {
    writeFileSync(path, 'old');
    chmodSync(path, 0o666);
    writeOwnedFile(path, 'new');
    expect(statSync(path).mode & 0o777).toBe(0o666);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it.runIf(isRoot)('keeps its owner', () => {
    writeFileSync(path, 'old');
    chownSync(path, 12, 34);
    writeOwnedFile(path, 'new');
    expect([statSync(path).uid, statSync(path).gid]).toEqual([12, 34]);
  });
});

describe('removing empty folders', () => {
  it('ends at the top, and at the first that is not empty', () => {
    mkdirSync(join(folder, 'a/b/c'), { recursive: true });
    writeFileSync(join(folder, 'a/kept'), '');
    removeEmptyFolders(join(folder, 'a/b/c'), join(folder, 'a'));
    expect(readdirSync(join(folder, 'a'))).toEqual(['kept']);
    mkdirSync(join(folder, 'x/y'), { recursive: true });
    removeEmptyFolders(join(folder, 'x/y'), join(folder, 'elsewhere'));
    removeEmptyFolders(join(folder, 'x/y'), join(folder, 'x/y'));
    expect(readdirSync(join(folder, 'x'))).toEqual([]);
  });
});
