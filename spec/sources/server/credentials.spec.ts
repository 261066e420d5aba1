import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCredentials } from '../../../lib/sources/server/credentials.ts';

let folder: string;
let file: string;
const userId = process.getuid?.();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-server-passwords-'));
  file = join(folder, 'passwords');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const decoded = (header: string | undefined) =>
  header && Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();

describe('passwords of servers', () => {
  it("come from opencode's own variables, for every server", () => {
    const plain = readCredentials({ OPENCODE_SERVER_PASSWORD: 'se cret:1' }, userId);
    expect(decoded(plain.headerFor('http://a.example'))).toBe('opencode:se cret:1');
    const named = readCredentials(
      { OPENCODE_SERVER_PASSWORD: 'secret', OPENCODE_SERVER_USERNAME: 'ann' },
      userId,
    );
    expect(decoded(named.headerFor('http://a.example'))).toBe('ann:secret');
    expect(readCredentials({}, userId).headerFor('http://a.example')).toBeUndefined();
  });

  it('come from a file that only its owner can read, one per server', () => {
    writeFileSync(
      file,
      '# mine\nhttp://a.example:4096 ann:one two:three \n\nhttps://b.example  four\nnonsense\nhttp://c.example\n',
    );
    chmodSync(file, 0o600);
    const { headerFor, trouble } = readCredentials({ OTOP_SERVER_PASSWORDS: file }, userId);
    expect(trouble).toBeUndefined();
    expect(decoded(headerFor('http://a.example:4096'))).toBe('ann:one two:three');
    expect(decoded(headerFor('https://b.example/path'))).toBe('opencode:four');
    for (const other of ['http://a.example:4097', 'https://a.example:4096', 'http://c.example'])
      expect(headerFor(other)).toBeUndefined();
  });

  it.each([
    [0o644, 'chmod 600'],
    [0o640, 'chmod 600'],
  ])('are not read from a file that others can read (%o)', (mode, advice) => {
    writeFileSync(file, 'http://a.example ann:secret\n');
    chmodSync(file, mode);
    const { headerFor, trouble } = readCredentials({ OTOP_SERVER_PASSWORDS: file }, userId);
    expect(headerFor('http://a.example')).toBeUndefined();
    expect(trouble).toContain(advice);
    expect(trouble).not.toContain('secret');
  });

  it("are not read from another user's file or from a missing file", () => {
    writeFileSync(file, 'http://a.example ann:secret\n', { mode: 0o600 });
    const foreign = readCredentials({ OTOP_SERVER_PASSWORDS: file }, (userId ?? 0) + 1);
    expect(foreign.headerFor('http://a.example')).toBeUndefined();
    expect(foreign.trouble).toContain('belongs to another user');
    const absent = readCredentials({ OTOP_SERVER_PASSWORDS: join(folder, 'no') }, userId);
    expect(absent.trouble).toContain('cannot be read (ENOENT)');
  });
});
