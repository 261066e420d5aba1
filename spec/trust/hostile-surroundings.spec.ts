import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitBranches } from '../../lib/sources/git-branch.ts';
import { parseMarker } from '../../lib/sources/marker/parse-marker.ts';
import { runCommandIn } from '../support/command.ts';
import { canary, hostileBundles, hostileTexts } from '../support/hostile-texts.ts';
import { harmIn } from '../support/terminal-bytes.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-surroundings-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Texts without NUL, which an argument or a variable cannot contain, and of limited length. */
const hostile = hostileBundles.slice(0, 6).map((text) => text.replaceAll('\0', '').slice(0, 2000));
const all = hostile.join(' ');

/** Runs a command and returns its output and error output as one line. */
async function outputOf(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, out, err } = await runCommandIn(args, { HOME: home, ...env });
  expect([0, 1, 2]).toContain(code);
  return `${out}\n${err}`.replaceAll('\n', ' ');
}

describe('hostile texts in the environment of otop', () => {
  it.each([
    ...[[all], ['why', all], ['help', all], ['plugin', all], ['completions', all], ['sessions', `--${all}`]],
    ...['--sort', '--filter', '--host', '--server', '--otop', '--theme', '--size', '--delay', '--seed'].map(
      (option) => ['--once', option, all],
    ),
    ...['--db', '--config'].map((option) => ['--once', option, `/none/${all}`]),
    ...['--log', '--log-level'].map((option) => ['sessions', option, `/none/${all}`]),
    ['status', '--format', all],
    ['serve', '--bind', all],
    ['config', '--config', `/none/${all}`],
    ['sessions', '--server', `http://u:${all}@box`],
  ])('are harmless on the command line: %s %s', async (...args) => {
    const text = await outputOf(args.filter((word) => typeof word === 'string'));
    expect(harmIn(text)).toBeUndefined();
  });

  it.each([
    ['--once', '--size', '100x20'],
    ['sessions'],
    ['doctor'],
    ['doctor', '--report'],
    ['config'],
    ['plugin', 'status'],
    ['serve', '--bind', '0.0.0.0'],
    ['serve', '--make-token'],
  ])('are harmless in environment variables: %s %s', async (...args) => {
    const names = ['OTOP_CONFIG', 'OTOP_TOKENS', 'OTOP_SERVER_PASSWORDS', 'OTOP_TOKEN', 'OPENCODE_DB'];
    const words = [
      'TERM',
      'LANG',
      'TMUX',
      'OPENCODE_SERVER_PASSWORD',
      'OPENCODE_CONFIG',
      'OPENCODE_MODELS_PATH',
    ];
    const folders = ['XDG_STATE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME'];
    for (const text of hostile.slice(0, 2)) {
      const env = Object.fromEntries([
        ...[...names, ...words].map((name) => [name, text]),
        ...folders.map((name) => [name, join(home, text.replaceAll('/', ' ').slice(0, 80))]),
      ]);
      expect(harmIn(await outputOf(args, env))).toBeUndefined();
    }
  });

  it.each([['config'], ['doctor'], ['sessions'], ['--once']])(
    'are harmless in the configuration: otop %s',
    async (command) => {
      const folder = join(home, '.config/otop');
      mkdirSync(folder, { recursive: true });
      const settings = {
        ...Object.fromEntries(hostile.map((text) => [text, text])),
        theme: all,
        sort: { column: all },
        hosts: hostile,
        servers: hostile,
        otops: hostile,
        keys: Object.fromEntries(hostile.map((text) => [text, text])),
      };
      writeFileSync(join(folder, 'config.jsonc'), JSON.stringify(settings));
      expect(harmIn(await outputOf([command]))).toBeUndefined();
    },
  );

  it('are harmless in branch names', () => {
    const names = hostileTexts.map((text, number) => {
      const folder = join(home, String(number));
      mkdirSync(join(folder, '.git'), { recursive: true });
      writeFileSync(join(folder, '.git/HEAD'), `ref: refs/heads/${text}\n`);
      return new GitBranches().of(folder, 1) ?? '';
    });
    expect(names.flatMap((name) => harmIn(name) ?? [])).toEqual([]);
    expect(names.filter((name) => name.includes(canary)).length).toBeGreaterThan(300);
  });

  it('are harmless in the markers of the plugin, and are not accepted as ids there', () => {
    const session = (id: string, text: string) => ({
      id,
      atMs: 1,
      activity: { kind: 'retry', attempt: 2, message: text },
      asks: [
        { id: 'per_1', kind: 'permission', tool: text, patterns: [text], askedAtMs: 1 },
        { id: text, kind: 'permission', tool: text, patterns: [text], askedAtMs: 1 },
      ],
      error: { name: text, message: text, atMs: 1 },
    });
    for (const text of hostileTexts) {
      const marker = { otopMarker: 1, pid: 1, loadedAtMs: 1, writtenAtMs: 1, version: text };
      const parsed = parseMarker(
        JSON.stringify({ ...marker, sessions: [session('ses_a', text), session(text, text)] }),
      );
      if (parsed.kind !== 'marker') throw new Error('no marker');
      const { sessions, version } = parsed.marker;
      expect(sessions.map(({ id }) => id)).toEqual(['ses_a']);
      expect(sessions.flatMap(({ status }) => status.asks.map(({ id }) => id))).toEqual(['per_1']);
      expect(JSON.stringify(sessions)).toContain(canary);
      expect(harmIn(JSON.stringify([sessions, version]))).toBeUndefined();
    }
  });
});
