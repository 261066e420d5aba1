import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyProcRoot } from '../support/machine.ts';
import { otopPath, runOtop } from '../support/program.ts';
import { TmuxWorld } from '../support/tmux-world.ts';
import { until } from '../support/wait.ts';

let tmux: TmuxWorld;
let home: string;
/** A folder whose name has whatever means something to a shell, to tmux or to systemd; Node and otop are in it. */
let bin: string;

beforeEach(() => {
  tmux = new TmuxWorld();
  home = mkdtempSync(join(tmpdir(), 'otop-bar-home-'));
  bin = join(home, "a #b %H $HOME 'q' (c) {d},e");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  symlinkSync(otopPath, join(bin, 'otop'));
});
afterEach(() => {
  tmux.close();
  rmSync(home, { recursive: true, force: true });
});

/** Runs `otop bar` where the PATH leads to the odd folder first. */
const bar = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runOtop(['bar', ...words], { HOME: home, PATH: `${bin}:${process.env.PATH ?? ''}`, ...env });

const count = (text: string, part: string) => text.split(part).length - 1;

describe('otop in a real tmux', () => {
  let conf: string;
  const inServer = () => ({ TMUX: `${tmux.socket('bar')},1,0` });
  const right = () => tmux.run('bar', 'show-options', '-gv', 'status-right');

  /** Resolves when the last line of an attached client satisfies a condition. */
  async function untilBar(pane: string, condition: (line: string) => boolean): Promise<string> {
    let line = '';
    const look = () => {
      line = tmux.run('outer', 'capture-pane', '-p', '-t', pane).split('\n').at(-1) ?? '';
      return condition(line);
    };
    await until('such a status line', look, () => line);
    return line;
  }

  it.each([
    ["beside the person's own text", "set -g status-right 'my own text %%'\n", 'my own text %'],
    ["beside tmux's default", '', undefined],
    ['in a file without a line break at the end', "set -g status-right 'my own text %%'", 'my own text %'],
  ])('is shown once after three reloads, and leaves no trace: %s', async (_what, lines, own) => {
    conf = join(home, '.tmux.conf');
    const text = `set-environment -g HOME '${home}'\nset-environment -g OTOP_PROC_ROOT '${emptyProcRoot}'\n${lines}`;
    writeFileSync(conf, text);
    tmux.run('bar', '-f', conf, 'new-session', '-d', '-s', 'one', 'cat');
    const [before, cells] = [right(), tmux.run('bar', 'show-options', '-gv', 'status-right-length')];

    const installed = await bar(['install', 'tmux', '--yes'], inServer());
    expect(installed).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/tmux shows it now\.\n$/),
    });
    for (let reload = 0; reload < 3; reload++) tmux.run('bar', 'source-file', conf);
    expect(count(right(), '@otop')).toBe(2);
    expect(right().endsWith(before)).toBe(true);

    const pane = await tmux.attach('bar', 'one', 'outer', 'two');
    const line = await untilBar(pane, (each) => each.includes('○0'));
    expect(count(line, '○0')).toBe(1);
    if (own !== undefined) expect(line).toContain(`○0  ${own}`);
    expect(await bar(['check', 'tmux'], inServer())).toMatchObject({ code: 0, err: '' });
    expect((await bar(['install', 'tmux'], inServer())).out).toMatch(/^tmux is up to date: /);

    expect(await bar(['uninstall', 'tmux', '--yes'], inServer())).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(conf, 'utf8')).toBe(text);
    expect(right()).toBe(before);
    expect(tmux.run('bar', 'show-options', '-gv', 'status-right-length')).toBe(cells);
    expect(tmux.run('bar', 'show-options', '-g')).not.toContain('otop');
    await untilBar(pane, (each) => !each.includes('○0'));
  });
});

describe('what otop writes for bars and services', () => {
  it('runs with an empty environment, from a path that must be quoted', async () => {
    const config = join(home, '.config/waybar/config');
    mkdirSync(join(home, '.config/waybar'), { recursive: true });
    writeFileSync(config, '{ "modules-right": [] }');
    const data = join(home, 'my data');
    const ended = await bar(['install', 'waybar', '--yes'], { XDG_DATA_HOME: data });
    expect(ended).toMatchObject({ code: 0, err: '' });
    const module = (parse(readFileSync(config, 'utf8')) as Record<string, { exec: string }>)['custom/otop'];
    expect(module?.exec).toMatch(/^\/usr\/bin\/env 'XDG_DATA_HOME=/);
    const out = execFileSync('/bin/sh', ['-c', module?.exec ?? ''], {
      env: { HOME: home, OTOP_PROC_ROOT: emptyProcRoot },
      encoding: 'utf8',
    });
    expect(JSON.parse(out)).toMatchObject({ text: expect.stringContaining('○0'), tooltip: 'no sessions' });
  });

  const canVerify = () => {
    try {
      execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      // This system has no systemd.
      return false;
    }
  };

  it.runIf(canVerify())('is a unit without faults for systemd', async () => {
    const { code } = await bar(['install', 'tmux', '--serve', '--yes'], {
      OPENCODE_DB: '/a "b" %h $HOME.db',
    });
    expect(code).toBe(0);
    const unit = join(home, '.config/systemd/user/otop.service');
    const verify = (path: string) =>
      execFileSync('systemd-analyze', ['verify', '--user', path], {
        env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home },
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(verify(unit)).toBe('');
    writeFileSync(unit, readFileSync(unit, 'utf8').replace('/bin/sh', 'bin/sh'));
    expect(() => verify(unit)).toThrow();
  });
});
