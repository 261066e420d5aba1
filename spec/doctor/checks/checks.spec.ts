import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diagnose, diagnosisLines } from '../../../lib/doctor/diagnosis.ts';
import type { DoctorContext } from '../../../lib/doctor/finding.ts';
import type { ServerLink } from '../../../lib/domain/board/readings.ts';
import { installedText } from '../../../lib/plugin/installation.ts';
import { openDatabaseReader } from '../../../lib/sources/sqlite/snapshot.ts';
import { type Run, runCommand } from '../../../lib/system/run-program.ts';
import { board } from '../../support/board.ts';
import { process as opencode, text } from '../../support/builders.ts';
import { OpencodeDatabase } from '../../support/opencode-database.ts';
import { engine } from '../../support/session-source.ts';
import { SessionWriterV2 } from '../../support/session-writer-v2.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'otop-doctor-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content = ''): string {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

/** Runs a tmux with these answers; no other program is installed. */
const tmux = (answers: Readonly<Record<string, string>>): Run => {
  return async (_file, args) => {
    const found = Object.entries(answers).find(([words]) => args.join(' ').includes(words));
    return found ? { kind: 'ended', exitCode: 0, stdout: found[1] } : { kind: 'not found' };
  };
};

function context(some: Partial<DoctorContext> = {}): DoctorContext {
  return {
    env: {
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      PATH: join(root, 'bin'),
      XDG_STATE_HOME: join(root, 'state'),
    },
    homeDir: root,
    platform: 'linux',
    nodeVersion: 'v20.20.2',
    otopVersion: '1.2.3',
    userId: 1000,
    procRoot: join(root, 'proc'),
    terminal: { isTTY: true },
    run: tmux({}),
    board: board([], { atMs: Date.now() }),
    processes: [],
    databasePaths: [],
    logPaths: [],
    config: { path: join(root, 'otop/config.jsonc'), named: false },
    openDatabase: (path) => openDatabaseReader(path, engine),
    ...some,
  };
}

/** Returns the findings of a title, one line each. */
async function found(title: string, some: Partial<DoctorContext> = {}): Promise<string[]> {
  const diagnoses = (await diagnose(context(some))).filter((each) => each.title === title);
  return diagnosisLines(diagnoses).map((line) => line.replace(/ {2,}/g, ' '));
}

describe('otop doctor', () => {
  it('has a line for every check, on a machine without opencode', async () => {
    expect(diagnosisLines(await diagnose(context())).join('\n')).toMatchInlineSnapshot(`
      "ok       node         Node.js v20.20.2 on linux
      warning  opencode     no opencode on the PATH. Add opencode to the PATH: otop needs it to resume or fork a session
      ok       opencode     none is running
      ok       logs         no running opencode has a log
      ok       processes    all opencode processes can be read (0)
      ok       file events  nothing to watch yet
      warning  tmux         not installed. Install tmux: otop can then jump to a session, and see which session a terminal shows
      ok       colours      TERM is xterm-256color, colours
      ok       unicode      LANG is C.UTF-8
      ok       clipboard    no desktop: otop asks the terminal to copy (OSC 52), but some terminals ignore that
      ok       plugin       not installed; with the plugin opencode itself reports which process runs which session
      ok       config       no ~/otop/config.jsonc: the defaults are in force
      ok       own files    ~/state/otop can be written"
    `);
  });

  it('requires a Node.js that is new enough', async () => {
    expect(await found('node', { nodeVersion: 'v20.18.9' })).toEqual([
      'problem node Node.js v20.18.9 on linux. Install 20.19 or newer',
    ]);
    expect(await found('node', { nodeVersion: 'v24.1.0' })).toEqual(['ok node Node.js v24.1.0 on linux']);
  });

  it('reads the versions of opencode from its files, and never runs it', async () => {
    const program = put('lib/opencode-ai/bin/opencode', '#!/bin/sh\nexit 1\n');
    chmodSync(program, 0o755);
    put('lib/opencode-ai/package.json', '{"name": "opencode-ai", "version": "1.18.33"}');
    mkdirSync(join(root, 'bin'));
    symlinkSync(program, join(root, 'bin/opencode'));
    const brew = put('Cellar/opencode/1.17.0/bin/opencode');
    mkdirSync(join(root, 'proc/7'), { recursive: true });
    mkdirSync(join(root, 'proc/8'));
    symlinkSync(brew, join(root, 'proc/7/exe'));
    symlinkSync(program, join(root, 'proc/8/exe'));
    const processes = [7, 8, 9].map((pid) => opencode({ pid }));
    expect(await found('opencode', { processes })).toEqual([
      'ok opencode ~/bin/opencode: 1.18.33',
      'ok opencode running: 1 1.17.0, 1 1.18.33, 1 of unknown version',
    ]);
  });

  it('describes each database, and the problem of a broken one', async () => {
    const path = join(root, 'opencode.db');
    const db = new OpencodeDatabase(path);
    db.session({ atMs: Date.now() }).prompt('hi');
    const troubles = [{ source: 'database' as const, text: text('~/other.db: cut off. Restore it.') }];
    const lines = await found('database', {
      databasePaths: [path, join(root, 'other.db')],
      board: board([], { atMs: Date.now(), troubles }),
    });
    db.close();
    expect(lines).toEqual([
      expect.stringMatching(
        /^ok database ~\/opencode\.db: \d+K, WAL \d+[KM], written \ds ago, tables of opencode 1$/,
      ),
      'problem database ~/other.db: cut off. Restore it.',
    ]);
  });

  it('tells the generation of the tables, and how far the import from opencode 1 is', async () => {
    const tablesOf = async (path: string) =>
      (await found('database', { databasePaths: [path] }))[0]?.replace(/^.* ago, /, '');
    const preview = new OpencodeDatabase(join(root, 'preview.db'), '1.18.33');
    expect(await tablesOf(preview.path)).toBe('tables of opencode 1');
    new SessionWriterV2(preview, { build: 'preview', atMs: Date.now() }).prompt('hi');
    expect(await tablesOf(preview.path)).toBe('tables of opencode 2 (before its release)');
    preview.session({ atMs: Date.now() }).prompt('hi');
    expect(await tablesOf(preview.path)).toBe('tables of opencode 1 and 2 (before its release)');
    preview.close();
    const released = new OpencodeDatabase(join(root, 'released.db'), '2.0');
    const importPhase = (value: string) =>
      released.insert(
        'kv',
        { key: 'migration.v1-v2', value, time_created: 1, time_updated: 1 },
        'or replace',
      );
    expect(await tablesOf(released.path)).toBe('tables of opencode 1 and 2');
    importPhase('{"phase":"sessions","cursor":"x"}');
    expect(await tablesOf(released.path)).toMatch(/, import from opencode 1 under way$/);
    importPhase('{"phase":"completed"}');
    expect(await tablesOf(released.path)).toMatch(/, import from opencode 1 completed$/);
    released.close();
  });

  it('names services and private servers of opencode 2, and counts their viewers', async () => {
    const lildax = put('cli/bin/lildax');
    put('cli/package.json', '{"name": "@opencode-ai/cli-linux-x64", "version": "1.18.18"}');
    const desktop = put('desktop/2.3.2/opencode-cli');
    for (const [pid, program] of [
      [50, lildax],
      [51, desktop],
    ] as const) {
      mkdirSync(join(root, `proc/${pid}`), { recursive: true });
      symlinkSync(program, join(root, `proc/${pid}/exe`));
    }
    const startedAtMs = Date.now() - 60_000;
    const serve = (pid: number, flag: string) =>
      opencode({ pid, kind: 'serve', args: ['serve', flag], startedAtMs });
    const viewers = [60, 61].map((pid) => opencode({ pid, databases: [] }));
    const processes = [serve(50, '--register'), serve(51, '--service'), serve(52, '--stdio'), ...viewers];
    const links = new Map<number, ServerLink>([
      [51, { state: 'away', why: text('it does not answer') }],
      [52, { state: 'live', version: text('2.0.18'), api: 'the released API', heardAtMs: Date.now() }],
    ]);
    expect((await found('opencode', { processes, links }))[1]).toBe(
      'ok opencode running: 1 opencode 2 preview (1.18.18) service (50), 1 opencode 2.3.2 service (51), 1 opencode 2.0.18 private server (52), 2 viewers',
    );
    expect(await found('servers', { processes, links })).toEqual([
      'warning servers pid 50, opencode 2 preview (1.18.18): no known port; its permissions cannot be seen',
      'warning servers pid 51, opencode 2.3.2: it does not answer; its permissions cannot be seen',
      expect.stringMatching(/^ok servers pid 52, opencode 2\.0\.18: the released API, last heard \ds ago$/),
    ]);
  });

  it('names the processes that cannot be read, and says that /proc hides some', async () => {
    put(
      'proc/self/mounts',
      'proc /proc proc rw 0 0\nsysfs /sys sysfs rw 0 0\nproc /proc proc rw,nosuid,hidepid=invisible 0 0\n',
    );
    const missing = [text('not readable: open files (the process belongs to user 0)')];
    expect(await found('processes', { processes: [opencode({ pid: 7, missing }), opencode()] })).toEqual([
      'warning processes /proc is mounted with hidepid=invisible. To see the processes of other users, mount /proc without hidepid',
      'warning processes 1 of 2 opencode processes can be read only in part (7): not readable: open files (the process belongs to user 0). Run otop as the user that runs them',
    ]);
  });

  it('checks the options of the tmux that otop runs in', async () => {
    const env = { TMUX: '/tmp/tmux-1000/default,1,0' };
    const options = 'mouse off\nset-clipboard off\nfocus-events on\nallow-passthrough on\n';
    expect(await found('tmux', { env, run: tmux({ '-V': 'tmux 3.3a\n', 'show-options': options }) })).toEqual(
      [
        'ok tmux tmux 3.3a, no servers',
        'ok tmux mouse off, set-clipboard off, focus-events on, allow-passthrough on',
        'warning tmux mouse is off: clicks do not reach otop. In tmux.conf: set -g mouse on',
        'warning tmux set-clipboard is off: copied text stays in tmux. In tmux.conf: set -s set-clipboard on',
      ],
    );
    expect((await found('tmux', { run: tmux({ '-V': 'tmux 3.1c\n' }) }))[0]).toMatch(
      /^warning tmux tmux 3\.1c\. Update/,
    );
  });

  it.each([
    [
      { TERM: 'dumb' },
      'warning colours TERM is dumb: the screen cannot be drawn, only `otop --once` works. Set TERM to the type of your terminal',
    ],
    [{ TERM: 'xterm', NO_COLOR: '1' }, 'ok colours TERM is xterm, no colours because NO_COLOR is set'],
    [{ TERM: 'xterm' }, 'ok colours TERM is xterm, colours'],
  ])('derives colours from the environment: %j', async (env, line) => {
    expect(await found('colours', { env })).toEqual([line]);
  });

  it.each([
    [{ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, /^warning unicode LC_ALL is C: .* Set LC_ALL to C\.UTF-8/],
    [{}, /^warning unicode no locale is set: .* Set LANG/],
    [{ LANG: 'de_DE.UTF-8' }, /^ok unicode LANG is de_DE\.UTF-8$/],
  ])('derives Unicode from the locale: %j', async (env, line) => {
    expect(await found('unicode', { env })).toEqual([expect.stringMatching(line)]);
  });

  it.each([
    [{ DISPLAY: ':0', PATH: '' }, 'ok clipboard of the desktop'],
    [
      { SSH_TTY: '/dev/pts/1', DISPLAY: ':0', TMUX: 'x' },
      'ok clipboard over SSH: through tmux to the terminal',
    ],
    [{}, 'ok clipboard no desktop: otop asks the terminal to copy (OSC 52), but some terminals ignore that'],
  ])('names the clipboard for copied text: %j', async (env, line) => {
    expect(await found('clipboard', { env })).toEqual([line]);
  });

  it('distinguishes a plugin of this otop, one of another otop, and a foreign file', async () => {
    const path = 'config/opencode/plugins/otop.js';
    const env = { XDG_CONFIG_HOME: join(root, 'config') };
    put(path, installedText({ source: '', version: '1.2.3', form: 'object' }));
    expect(await found('plugin', { env })).toEqual([`ok plugin ~/${path} is the plugin of this otop`]);
    put(path, installedText({ source: '', version: '1.0.0', form: 'object' }));
    expect(await found('plugin', { env })).toEqual([
      `warning plugin ~/${path} is the plugin of otop 1.0.0. Run \`otop plugin install\`, then restart the sessions that run now`,
    ]);
    const program = put('node_modules/opencode-ai/bin/opencode');
    put('node_modules/opencode-ai/package.json', '{"name": "opencode-ai", "version": "1.3.2"}');
    mkdirSync(join(root, 'proc/7'), { recursive: true });
    symlinkSync(program, join(root, 'proc/7/exe'));
    expect((await found('plugin', { env, processes: [opencode({ pid: 7 })] })).slice(1)).toEqual([
      'warning plugin pid 7: opencode 1.3.2 cannot load this form of the plugin. Update opencode to 1.14.34 or newer',
    ]);
    put(path, 'mine');
    expect(await found('plugin', { env })).toEqual([
      `warning plugin ~/${path} is a file that is not otop's. Move it away if it is not yours`,
    ]);
  });

  it('names each mistake of the configuration', async () => {
    put('otop/config.jsonc', '{\n  "nonsense": 1\n}\n');
    expect(await found('config')).toEqual([
      expect.stringMatching(/^warning config ~\/otop\/config\.jsonc:2:\d+: .*nonsense.*otop config/),
    ]);
    put('otop/config.jsonc', '{}');
    expect(await found('config')).toEqual(['ok config ~/otop/config.jsonc has no mistakes']);
  });

  it('names the newest crash report, and a folder that is not writable', async () => {
    put('state/otop/crash-2026-01-01.txt');
    put('state/otop/crash-2026-02-01.txt');
    expect(await found('own files')).toEqual([
      'ok own files ~/state/otop can be written',
      'warning own files otop crashed: ~/state/otop/crash-2026-02-01.txt. Put that file into a bug report, then remove it',
    ]);
  });

  it('continues if tmux hangs', async () => {
    const run: Run = async () => ({ kind: 'timeout' });
    expect(await found('tmux', { run })).toEqual(['warning tmux tmux does not answer. Try: tmux -V']);
  });

  it('finds no problem on a healthy machine', async () => {
    const levels = new Set(
      (await diagnose(context({ run: runCommand }))).map(({ finding }) => finding.level),
    );
    expect(levels).not.toContain('problem');
  });
});
