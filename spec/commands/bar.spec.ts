import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BarWorld } from '../support/bar-world.ts';

let world: BarWorld;
beforeEach(() => {
  world = new BarWorld();
  world.write('.tmux.conf', 'set -g mouse on\n');
});
afterEach(() => world.remove());

const isWritten = () => world.read('.tmux.conf') !== 'set -g mouse on\n';

describe('otop bar', () => {
  it('shows what it would write, and without a terminal writes only with --yes', async () => {
    const { code, out, err } = await world.bar(['install', 'tmux']);
    expect({ code, err }).toEqual({
      code: 2,
      err: 'otop: nothing was written: there is no terminal to ask on; --yes says yes\n',
    });
    expect(out.split('\n').slice(0, 4)).toEqual([
      '--- ~/.tmux.conf',
      '+++ ~/.tmux.conf',
      '@@ -1,1 +1,7 @@',
      ' set -g mouse on',
    ]);
    expect(isWritten()).toBe(false);
  });

  it.each([
    ['y', 0],
    ['Yes', 0],
    ['', 1],
    ['n', 1],
    ['yellow', 1],
  ])('asks on a terminal: %j', async (answer, code) => {
    const ended = await world.bar(['install', 'tmux', '--no-serve'], { answers: [answer] });
    expect(ended.code).toBe(code);
    expect(ended.out).toContain('Write this? (y/N) ');
    expect(ended.err).toBe(code === 0 ? '' : 'otop: nothing was written\n');
    expect(isWritten()).toBe(code === 0);
  });

  it('takes the end of the input as no', async () => {
    expect((await world.bar(['install', 'tmux'], { answers: [] })).code).toBe(1);
    expect(isWritten()).toBe(false);
  });

  it('asks whether serve shall run, and shows both files before it writes', async () => {
    const { code, out } = await world.bar(['install', 'tmux'], { answers: ['y', 'y'] });
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^Keep `otop serve` running as a service .*\(y\/N\) /);
    expect(out).toContain('+ExecStart=');
    expect(existsSync(world.path('.config/systemd/user/otop.service'))).toBe(true);
  });

  it('writes nothing if the file changed while it asked', async () => {
    const { code, err } = await world.bar(['install', 'tmux', '--no-serve'], {
      answers: ['y'],
      beforeAnswer: () => world.write('.tmux.conf', 'set -g mouse off\n'),
    });
    expect({ code, err }).toEqual({
      code: 1,
      err: `otop: ${world.path('.tmux.conf')} has changed meanwhile: nothing was written; try again\n`,
    });
    expect(world.read('.tmux.conf')).toBe('set -g mouse off\n');
  });

  it('uninstalls nothing twice', async () => {
    expect(await world.bar(['uninstall', 'tmux'])).toEqual({
      code: 0,
      out: 'tmux is not installed: ~/.tmux.conf\n',
      err: '',
    });
  });

  it('checks all bars of the system', async () => {
    expect(await world.bar(['check'])).toMatchObject({ code: 1, err: '' });
    await world.bar(['install', 'tmux', '--yes']);
    const { code, out } = await world.bar(['check']);
    expect(code).toBe(0);
    expect(out.replaceAll(world.home, '~')).toMatchInlineSnapshot(`
      "tmux: installed, up to date: ~/.tmux.conf
      waybar: not installed: no configuration of waybar in ~/.config/waybar: copy the one from /etc/xdg/waybar there first, or name yours with --file
      serve: does not run: each status line reads the sessions itself, which costs more; \`--serve\` keeps one running
      "
    `);
    expect((await world.bar(['check', 'waybar'])).code).toBe(1);
    world.write('.config/waybar/config', '{');
    expect(await world.bar(['check'])).toMatchObject({
      code: 1,
      out: expect.stringContaining(':1:2: not valid JSON with comments'),
    });
    expect((await world.bar(['check'], { platform: 'darwin' })).out.replaceAll(/:.*/g, '')).toBe(
      'tmux\nswiftbar\nserve\n',
    );
  });

  it.each([
    [
      ['install', 'i3bar'],
      "command-argument value 'i3bar' is invalid for argument 'bar'. Allowed choices are tmux, swiftbar, waybar.",
    ],
    [
      ['paint', 'tmux'],
      "command-argument value 'paint' is invalid for argument 'action'. Allowed choices are install, uninstall, check.",
    ],
    [['install'], 'which bar? `otop bar install` takes one of tmux, swiftbar, waybar'],
    [['install', 'tmux', '--folder', '/x'], 'tmux has no plugin folder: use --file'],
    [['check', '--file', '/x'], '--file and --folder need the name of a bar'],
    [
      ['install', 'tmux', '--file', ''],
      "option '--file <file>' argument '' is invalid. A path must not be empty.",
    ],
    [['install', 'swiftbar', '--yes'], 'swiftbar is only on macOS'],
  ])('exits with 2 for a wrong command line: %s', async (words, why) => {
    expect(await world.bar(words)).toEqual({ code: 2, out: '', err: `otop: ${why}\n` });
    expect(isWritten()).toBe(false);
  });
});
