import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { configPlace, writeConfig } from '../../lib/config/config-file.ts';
import { viewMemory, viewMemoryPath, viewOf } from '../../lib/config/view-memory.ts';
import { settled } from '../../lib/domain/schema/configuration.ts';
import type { ReportedAsk } from '../../lib/domain/session/reported-status.ts';
import type { Action, Effect } from '../../lib/domain/ui/action.ts';
import { keyAction } from '../../lib/domain/ui/key-action.ts';
import { keymap } from '../../lib/domain/ui/keymap.ts';
import { reduce } from '../../lib/domain/ui/reduce.ts';
import { viewedPath, writeViewedTimes } from '../../lib/monitor/viewed-times.ts';
import { announce, announcementPath } from '../../lib/serve/announcement.ts';
import { makeToken } from '../../lib/serve/token.ts';
import { crashMessage } from '../../lib/system/crash-report.ts';
import { openLogger } from '../../lib/system/logger.ts';
import { draftPath } from '../../lib/system/owned-file.ts';
import { board, fleet, screenState } from '../support/board.ts';
import { nowMs } from '../support/builders.ts';
import { handClock } from '../support/clock.ts';
import { runCommandIn } from '../support/command.ts';

let home: string;
let env: Record<string, string>;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-least-'));
  env = { XDG_STATE_HOME: join(home, 'state'), XDG_CONFIG_HOME: join(home, 'config') };
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(home, { recursive: true, force: true });
});

/** A function that writes one of otop's files, with the file's path below the home. */
const writers: readonly (readonly [string, () => void])[] = [
  ['config/otop/config.jsonc', () => void writeConfig(configPlace(undefined, env, home), { theme: 'light' })],
  ['config/otop/token', () => void makeToken(env, home)],
  ['state/otop/serve.json', () => announce(announcementPath(env, home), announcement)],
  [
    'state/otop/viewed.json',
    () => writeViewedTimes(viewedPath(env, home), { baselineMs: 1, bySession: new Map() }),
  ],
  ['state/otop/view.json', () => saveView()],
];
const announcement = { pid: 1, address: '127.0.0.1', port: 1, instance: 'x', guarded: false };

function saveView(): void {
  const start = viewOf(settled());
  viewMemory(viewMemoryPath(env, home), start).save({ ...start, rows: 'one' }, start);
}

function files(): string[] {
  return readdirSync(home, { recursive: true, encoding: 'utf8' })
    .map((name) => join(home, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => relative(home, path));
}

const modeOf = (path: string) => statSync(join(home, path)).mode & 0o777;

describe('a file that otop writes', () => {
  it.each(writers)('is accessible to the owner only, as are its folders: %s', (path, write) => {
    const before = process.umask(0);
    try {
      write();
    } finally {
      process.umask(before);
    }
    expect(files()).toEqual([path]);
    for (const name of files()) expect(modeOf(name)).toBe(0o600);
    const [top = ''] = path.split('/');
    expect([modeOf(top), modeOf(join(top, 'otop'))]).toEqual([0o700, 0o700]);
  });

  it('is accessible to the owner only if it is a log or a crash report', () => {
    const before = process.umask(0);
    try {
      openLogger({ path: join(home, 'log'), level: 'info', nowMs: () => 1 }).log('info', 'x');
      crashMessage(
        new Error('x'),
        { command: 'dashboard', troubles: [] },
        { env, homeDir: home, clock: handClock() },
      );
    } finally {
      process.umask(before);
    }
    expect(files()).toHaveLength(2);
    for (const name of files()) expect([name, modeOf(name)]).toEqual([name, 0o600]);
  });

  it.each(writers.filter(([path]) => path !== 'config/otop/token'))(
    'stays unchanged if the disk is full: %s',
    (_path, write) => {
      write();
      const [name = ''] = files();
      const path = join(home, name);
      writeFileSync(path, name.startsWith('config') ? '{ "theme": "mono" }\n' : 'old');
      const old = readFileSync(path, 'utf8');
      // Every write to the temporary file goes to a device that is always full.
      symlinkSync('/dev/full', draftPath(path));
      try {
        write();
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' });
      }
      expect(readFileSync(path, 'utf8')).toBe(old);
      expect(files()).toEqual([name]);
    },
  );
});

/** Effects that change only otop's own screen and files, and the clipboard. */
const harmless: ReadonlySet<Effect['type']> = new Set([
  ...([
    'quit',
    'refresh',
    'redraw',
    'suspend',
    'all',
    'mouse',
    'save-settings',
    'copy',
    'jump',
    'seen',
  ] as const),
]);

describe('with --read-only', () => {
  const ask: ReportedAsk = { id: 'per_1', kind: 'permission', patterns: [] };
  const shown = board(fleet);
  const keys = keymap.flatMap((binding) => binding.keys.map((key) => [key, binding.label] as const));

  /** All effects of a key on a row, including those of each possible answer to its confirmation or menu. */
  function effectsOf(key: string, rowKey: string, readOnly: boolean): string[] {
    const ui = { ...screenState(shown), selectedKey: rowKey, readOnly };
    const pressed = keyAction(key, ui, shown);
    if (!pressed || !('action' in pressed)) return [];
    const first = reduce(ui, pressed.action, { board: shown, nowMs });
    const answers = ['y', 'Enter', 't', 'k', '1', 'o'].flatMap((answer) => {
      const next = keyAction(answer, first.state, shown);
      const isAnswer = first.state.confirmation !== undefined || first.state.menu !== undefined;
      return isAnswer && next && 'action' in next
        ? reduce(first.state, next.action, { board: shown, nowMs: nowMs + 1000 }).effects
        : [];
    });
    return [...first.effects, ...answers].map(({ type }) => type);
  }

  it.each(keys)('%s (%s) changes no session and no process', (key) => {
    for (const row of fleet)
      for (const type of effectsOf(key, row.key, true)) expect(harmless).toContain(type);
  });

  it.each([
    { type: 'confirm-abort', sessionId: 'ses_a' },
    { type: 'ask-answer', asks: [{ sessionId: 'ses_a', ask }], answer: { kind: 'allow once' } },
  ] as readonly Action[])('a menu or a click changes nothing either: $type', (action) => {
    const ui = { ...screenState(shown), readOnly: true };
    const { state, effects } = reduce(ui, action, { board: shown, nowMs });
    const yes = reduce(state, { type: 'confirm-key', key: 'y' }, { board: shown, nowMs: nowMs + 1000 });
    for (const { type } of [...effects, ...yes.effects]) expect(harmless).toContain(type);
  });

  it('an already open confirmation ends no process', () => {
    const ui = { ...screenState(shown), selectedKey: shown.rows[0]?.key ?? '' };
    const pressed = keyAction('F9', ui, shown);
    if (!pressed || !('action' in pressed)) throw new Error('no question');
    const withConfirmation = reduce(ui, pressed.action, { board: shown, nowMs }).state;
    const yes = (readOnly: boolean) =>
      reduce(
        { ...withConfirmation, readOnly },
        { type: 'confirm-key', key: 'y' },
        { board: shown, nowMs: nowMs + 1000 },
      );
    expect(yes(false).effects.map(({ type }) => type)).toEqual(['end-process']);
    expect(yes(true).effects).toEqual([]);
    expect(yes(true).state.notice?.text).toBe('otop was started with --read-only');
  });

  it('keys change sessions and processes without it', () => {
    const acts = keys.flatMap(([key]) => fleet.flatMap((row) => effectsOf(key, row.key, false)));
    expect(acts.filter((type) => !harmless.has(type as Effect['type'])).length).toBeGreaterThan(0);
  });
});

describe('the network', () => {
  it.each([['--once'], ['sessions']])(
    'is not used by `otop %s`, except for opencode on loopback',
    async (command) => {
      mkdirSync(join(home, '.local'), { recursive: true });
      const connect = vi.spyOn(Socket.prototype, 'connect');
      await runCommandIn([command], { HOME: home, ...env });
      const reached = connect.mock.calls.map(([to]) => JSON.stringify(to));
      const local = /"path":|"host(name)?":"(127\.0\.0\.1|::1|localhost)"/;
      expect(reached.filter((to) => !local.test(to))).toEqual([]);
    },
  );
});
