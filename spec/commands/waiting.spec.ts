import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/system/clock.ts';
import { runCommandIn } from '../support/command.ts';
import { OpencodeDatabase } from '../support/opencode-database.ts';
import { sessionsFaults } from '../support/schema-faults.ts';

let home: string;
let quiet: string;
let broken: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-waiting-home-'));
  quiet = join(home, 'quiet.db');
  broken = join(home, 'broken.db');
  new OpencodeDatabase(quiet).close();
  writeFileSync(broken, 'no database at all '.repeat(500));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const waiting = (...args: string[]) => runCommandIn(['waiting', ...args], { HOME: home, TMPDIR: home });

describe('otop waiting', () => {
  it('exits with 0 and prints a line per waiting session', async () => {
    const { code, out, err } = await waiting('--demo');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^(permission|question|error) .*tmux work:\d\.\d$/m);
    expect(out.trimEnd().split('\n').length).toBeGreaterThan(2);
  });

  it('prints them as JSON according to the schema of `otop sessions`', async () => {
    const { code, out } = await waiting('--demo', '--json');
    const entries = JSON.parse(out) as { session: { needs_you: boolean } }[];
    expect(code).toBe(0);
    expect(entries.every(({ session }) => session.needs_you)).toBe(true);
    expect(sessionsFaults(entries)).toEqual([]);
  });

  it('exits with 1 if no session waits', async () => {
    expect(await waiting('--db', quiet)).toEqual({ code: 1, out: '', err: '' });
    expect(await waiting('--db', quiet, '--json')).toEqual({ code: 1, out: '[]\n', err: '' });
  });

  it('exits with 1 if there is no opencode at all: says where otop looked on a terminal, nothing to a script', async () => {
    const nobody = join(home, 'nobody');
    const run = (args: string[], isTerminal: boolean) =>
      runCommandIn(args, { HOME: nobody, TMPDIR: home }, systemClock, isTerminal);
    for (const [args, code, out] of [
      [['waiting'], 1, ''],
      [['waiting', '--json'], 1, '[]\n'],
      [['sessions'], 0, '[]\n'],
      [['status'], 0, '○0\n'],
    ] as const) {
      expect(await run([...args], false)).toEqual({ code, out, err: '' });
      const told = await run([...args], true);
      expect({ ...told, err: told.err.split('\n')[0] }).toEqual({
        code,
        out,
        err: 'otop: No opencode here yet.',
      });
      expect(told.err).toContain('database     no ~/.local/share/opencode/opencode.db\n');
    }
    expect(await run(['waiting', '-q'], true)).toEqual({ code: 1, out: '', err: '' });
    expect((await run(['next'], true)).err).toMatch(/otop doctor .*\notop: nobody needs you\n$/);
  });

  it('exits with 2 if a database cannot be read, and names it', async () => {
    const { code, out, err } = await waiting('--db', broken);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^otop: database: .*broken\.db/);
    expect((await waiting('--db', join(home, 'nowhere.db'))).code).toBe(2);
  });

  it('exits with 2 if a named machine cannot be reached', async () => {
    const nowhere = 'http://127.0.0.1:2';
    const nobody = ['--filter', 'title="nobody has this"'];
    expect(await waiting('--server', nowhere, '--otop', nowhere, ...nobody)).toEqual({
      code: 2,
      out: '',
      err: 'otop: host: 127.0.0.1:2: nothing listens there\n'.repeat(2),
    });
  });

  it.each([
    [0, () => ['--demo']],
    [1, () => ['--db', quiet]],
    [2, () => ['--db', broken]],
  ] as const)('exits with %i and prints nothing with -q', async (code, args) => {
    expect(await waiting('-q', ...args())).toEqual({ code, out: '', err: '' });
  });

  it('prints only sessions that match the filter', async () => {
    const { code, out } = await waiting('--demo', '--filter', 'status:question');
    expect({ code, lines: out.trimEnd().split('\n') }).toEqual({
      code: 0,
      lines: [expect.stringMatching(/^question /)],
    });
    expect(await waiting('--demo', '-f', 'title="nobody has this"')).toEqual({ code: 1, out: '', err: '' });
  });

  it('shows the position of an error in a filter', async () => {
    const { code, err } = await waiting('--filter', 'ok statsu:x');
    expect(code).toBe(2);
    expect(err).toMatch(/^otop: option '-f, --filter <query>' .*statsu.*status/);
    expect(err).toMatch(/^ {2}ok statsu:x\n {5}\^$/m);
  });
});

describe('otop next', () => {
  const next = (...args: string[]) => runCommandIn(['next', ...args], { HOME: home, TMPDIR: home });

  it('distinguishes "no session waits" from "otop cannot know"', async () => {
    expect(await next('--db', quiet)).toEqual({ code: 1, out: '', err: 'otop: nobody needs you\n' });
    expect((await next('--db', broken)).code).toBe(2);
  });
});
