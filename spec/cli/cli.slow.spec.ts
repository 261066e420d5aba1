import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textWidth } from '../../lib/text/width.ts';
import { emptyWorld, otopPath, runOtop } from '../support/program.ts';
import { eventOf } from '../support/wait.ts';

let home: string;
let temporary: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-cli-home-'));
  temporary = mkdtempSync(join(tmpdir(), 'otop-cli-tmp-'));
});
afterAll(() => {
  for (const folder of [home, temporary]) rmSync(folder, { recursive: true, force: true });
});

/** Runs the built otop as a program, with an empty home folder and without a terminal. */
const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runOtop(args, { HOME: home, TMPDIR: temporary, ...env });

describe('the otop command', () => {
  it('prints its version and its help', async () => {
    const manifest = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(await run(['--version'])).toEqual({
      code: 0,
      out: expect.stringMatching(new RegExp(`^${manifest.version}( |\\n)`)),
      err: '',
    });
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const word of ['sessions', 'why', '--demo', '--once', '--size', '--sort'])
      expect(out).toContain(word);
  });

  it.each([
    [['--frobnicate'], '--frobnicate'],
    [['frobnicate'], 'frobnicate'],
    [['sessions', '--frobnicate'], '--frobnicate'],
    [['sessions', 'frobnicate'], 'sessions'],
    [['--size', 'big', '--once'], '--size'],
    [['--size', '0x10', '--once'], '--size'],
    [['--sort', 'beauty'], '--sort'],
    [['--delay', '0'], '--delay'],
    [['--demo', '--seed', '-1'], '--seed'],
    [['sessions', '--db', ''], '--db'],
    [['--once', '--config='], '--config'],
    [['why'], 'pid|session'],
    [['sessions', '--demo', '--sort', 'cost'], "'sessions' has no option '--sort'; `otop help sessions`"],
    [['--once', 'status'], "'status' has no option '--once'"],
    [['serve', '--filter', 'api'], "'serve' has no option '--filter'"],
  ])('refuses %j with exit code 2, and names the mistake', async (args, named) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^otop: /);
    expect(err).toContain(named);
  });

  it.each(['http://me:sesame@box', 'me:sesame@box', 'http://me:se/sa me@box', '//:sesame@'])(
    'refuses a server with a password in its address without repeating it: %s',
    async (url) => {
      const { code, out, err } = await run(['sessions', '--server', url]);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain('--server');
      expect(err).not.toMatch(/ses?a/);
    },
  );

  it('explains each command by `help`, and suggests a name for a mistyped one', async () => {
    const { code, out } = await run(['help', 'why']);
    expect({ code, first: out.split('\n')[0] }).toEqual({
      code: 0,
      first: 'Usage: otop why [options] <pid|session>',
    });
    for (const args of [['sesions'], ['help', 'sesions']])
      expect(await run(args)).toEqual({
        code: 2,
        out: '',
        err: "otop: unknown command 'sesions'; did you mean sessions?\n",
      });
  });

  it('prints one plain frame without a terminal', async () => {
    const { code, out, err } = await run(['--demo', '--seed', '3']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(24);
    expect(lines[0]).toContain('DEMO');
    expect(out).not.toContain('\x1b');
  });

  it.each(['160x45', '80x24', '40x12', '40x6', '10x3', '1x1'])(
    'prints a frame of %s within its size',
    async (size) => {
      const { code, out } = await run(['--once', '--demo', '--size', size]);
      const [cols, rows] = size.split('x').map(Number);
      const lines = out.replace(/\n$/, '').split('\n');
      expect(code).toBe(0);
      expect(lines).toHaveLength(rows ?? 0);
      expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(cols ?? 0);
    },
  );

  it('fits the screen of `watch`, which passes its size in the environment, unless the size is invalid', async () => {
    const sizeOf = async (env: Record<string, string>) => {
      const lines = (await run(['--once', '--demo'], env)).out.replace(/\n$/, '').split('\n');
      return [Math.max(...lines.map(textWidth)), lines.length];
    };
    expect(await sizeOf({ COLUMNS: '61', LINES: '17' })).toEqual([61, 17]);
    expect(await sizeOf({ COLUMNS: '0', LINES: 'many' })).toEqual([80, 24]);
  });

  it('prints only ASCII without a UTF-8 locale and with --ascii, even in titles', async () => {
    const plain = await run(['--once', '--demo'], { LANG: 'C' });
    const asked = await run(['--once', '--demo', '--ascii']);
    for (const { out } of [plain, asked]) expect(out).toMatch(/^[\n\x20-\x7e]+$/);
  });

  it('prints the simulated fleet as JSON with every state, and leaves no files', async () => {
    const { code, out, err } = await run(['sessions', '--all', '--demo', '--seed', '2']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const states = new Set((JSON.parse(out) as { status: string }[]).map(({ status }) => status));
    expect([...states].sort()).toMatchInlineSnapshot(`
      [
        "asking",
        "compacting",
        "error",
        "generating",
        "idle",
        "new",
        "queued",
        "retrying",
        "stale",
        "thinking",
        "tool use",
        "truncated",
      ]
    `);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('ends quietly when its reader closes the pipe', async () => {
    const shell = spawn(
      'sh',
      ['-c', '"$0" "$1" sessions --demo | head -1; exit 0', process.execPath, otopPath],
      {
        env: { ...emptyWorld(), HOME: home, TMPDIR: temporary },
      },
    );
    let err = '';
    let out = '';
    shell.stderr.on('data', (text) => (err += text));
    shell.stdout.on('data', (text) => (out += text));
    await eventOf(shell, 'close', () => err);
    expect({ out, err }).toEqual({ out: '[\n', err: '' });
  });

  it('says that it could not write if the disk is full', async () => {
    const shell = spawn('sh', ['-c', '"$0" "$1" sessions --demo > /dev/full', process.execPath, otopPath], {
      env: { ...emptyWorld(), HOME: home, TMPDIR: temporary },
    });
    let err = '';
    shell.stderr.on('data', (text) => (err += text));
    const [code] = await eventOf(shell, 'close', () => err);
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(/^otop: cannot write the output: ENOSPC/),
    });
  });

  it('writes a log with --log, and refuses an invalid path', async () => {
    const log = join(home, 'otop.log');
    await run(['waiting', '-q', '--db', join(home, 'nowhere.db'), '--log', log]);
    expect(
      readFileSync(log, 'utf8').replace(/(timestamp|pid|node|otop|platform)=\S+/g, '$1'),
    ).toMatchInlineSnapshot(`
      "timestamp level=INFO message=start otop command=waiting pid node platform
      timestamp level=WARN message=trouble text="database: No opencode database yet: looked for ~/nowhere.db. Start opencode 1.2 or newer, or name one with --db PATH."
      timestamp level=INFO message=end pid code=2
      "
    `);
    const { code, err } = await run(['sessions', '--log', join(home, 'no', 'folder.log')]);
    expect(code).toBe(2);
    expect(err).toMatch(/^otop: cannot write the log .*folder\.log: ENOENT/);
  });

  it('exits with 70 on a bug, and names the crash report', async () => {
    const bug = join(home, 'bug.mjs');
    writeFileSync(
      bug,
      `process.stdout.write = () => {
        setImmediate(() => { throw new Error("a spec's bug"); });
        return true;
      };`,
    );
    const { code, err } = await run(['waiting', '--demo'], { NODE_OPTIONS: `--import file://${bug}` });
    expect(code).toBe(70);
    const path = /^A report .* is in (.*)$/m.exec(err)?.[1] ?? '';
    expect(readFileSync(path, 'utf8')).toMatch(
      /^otop .* failed at [\s\S]*^waiting; up [\s\S]*^Error: a spec's bug$/m,
    );
  });

  it.each([{}, { HOME: '' }, { HOME: '/nonexistent' }])('works without a home folder: %j', async (env) => {
    const { code, err } = await run(['sessions', '--db', join(home, 'nowhere.db')], env);
    expect({ code, bug: err.includes('bug') }).toEqual({ code: 0, bug: false });
  });

  it('names the paths it tried if there is no database, and continues', async () => {
    const { code, out, err } = await run(['sessions', '--db', join(home, 'nowhere.db')]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toBeInstanceOf(Array);
    expect(err).toContain('nowhere.db');
    const frame = await run(['--once', '--size', '120x30', '--db', join(home, 'nowhere.db')]);
    expect(frame.out).toContain('nowhere.db');
  });

  it('says so if the database file is no database', async () => {
    const path = join(home, 'poem.db');
    writeFileSync(path, 'Tyger Tyger, burning bright, in the forests of the night\n'.repeat(100));
    const { code, err } = await run(['sessions', '--db', path]);
    expect(code).toBe(0);
    expect(err).toMatch(/^otop: database: .*poem\.db.*SQLite/m);
  });

  it('explains a match of the fleet, and refuses an unknown process or session', async () => {
    const sessions = JSON.parse((await run(['sessions', '--demo', '--seed', '2'])).out) as { pid: number }[];
    const pid = sessions.find(({ pid }) => pid !== null)?.pid;
    const why = await run(['why', String(pid), '--demo', '--seed', '2']);
    expect(why.code).toBe(0);
    expect(why.out).toContain(String(pid));
    const unknown = await run(['why', 'ses_nobody', '--demo']);
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('ses_nobody');
  });
});
