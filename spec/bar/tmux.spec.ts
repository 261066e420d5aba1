import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BarWorld } from '../support/bar-world.ts';

let world: BarWorld;
beforeEach(() => {
  world = new BarWorld();
});
afterEach(() => world.remove());

const install = (...words: string[]) => world.bar(['install', 'tmux', '--yes', ...words]);
const uninstall = (...words: string[]) => world.bar(['uninstall', 'tmux', '--yes', ...words]);
const check = () => world.bar(['check', 'tmux']);

describe("otop's lines in tmux.conf", () => {
  it('stand at the end, between marks, and say what they are', async () => {
    world.write('.tmux.conf', 'set -g mouse on\n');
    expect((await install()).code).toBe(0);
    const text = world.read('.tmux.conf').replaceAll(world.home, '/home/me');
    expect(text.replace(/"sum":"\w+"/, '"sum":"…"')).toMatchInlineSnapshot(`
      "set -g mouse on
      # >>> otop {"version":"0.1.0","node":"/home/me/bin/node","script":"/home/me/bin/otop","env":{},"sum":"…"}
      # Shows who needs you. Written by \`otop bar install tmux\`; \`otop bar uninstall tmux\` takes these lines out again.
      set -g @otop '#(/home/me/bin/node /home/me/bin/otop status --format tmux)'
      if -F '#{m:*@otop*,#{status-right}}' '' "set -gF status-right '##{?@otop,##{E:@otop}  ,}#{status-right}'"
      if -F '#{m:[1-7][0-9],#{status-right-length}}' 'set -gF @otop_length "#{status-right-length}" ; set -g status-right-length 80'
      # <<< otop
      "
    `);
  });

  it('are the same after a second installation, which asks nothing', async () => {
    world.write('.tmux.conf', 'set -g mouse on\n');
    await install();
    const text = world.read('.tmux.conf');
    expect(await world.bar(['install', 'tmux'])).toEqual({
      code: 0,
      out: 'tmux is up to date: ~/.tmux.conf\n',
      err: '',
    });
    expect(world.read('.tmux.conf')).toBe(text);
  });

  it('leave the text as it was, byte for byte, whatever it was', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        'set -g mouse on',
        '',
        '  ',
        '# comment \\',
        "bind r source '~/.tmux.conf' \\;",
        'ü 漢 👩‍💻',
      ),
      fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '')),
    );
    const text = fc
      .tuple(fc.constantFrom('\n', '\r\n', '\r'), fc.array(line, { maxLength: 5 }), fc.boolean())
      .map(([lineBreak, lines, isEnded]) => lines.join(lineBreak) + (isEnded ? lineBreak : ''));
    await fc.assert(
      fc.asyncProperty(text, async (before) => {
        world.write('.tmux.conf', before);
        expect(await install()).toMatchObject({ code: 0, err: '' });
        expect(world.read('.tmux.conf').startsWith(before)).toBe(true);
        expect(await uninstall()).toMatchObject({ code: 0, err: '' });
        expect(world.read('.tmux.conf')).toBe(before);
      }),
      { numRuns: 25 },
    );
  });

  it("keep a line of the user's that came after them on a line of its own", async () => {
    world.write('.tmux.conf', 'set -g mouse on');
    await install();
    world.write('.tmux.conf', `${world.read('.tmux.conf')}set -g base-index 1\n`);
    await uninstall();
    expect(world.read('.tmux.conf')).toBe('set -g mouse on\nset -g base-index 1\n');
  });

  it('go with the file that otop made', async () => {
    await install();
    expect(existsSync(world.path('.tmux.conf'))).toBe(true);
    await uninstall();
    expect(readdirSync(world.home)).toEqual(['bin']);
  });

  it('go with the folders that otop made', async () => {
    const file = world.path('new/folder/tmux.conf');
    expect((await install('--file', file)).code).toBe(0);
    expect((await uninstall('--file', file)).code).toBe(0);
    expect(readdirSync(world.home)).toEqual(['bin']);
  });

  it('stay a file if the user added something to it', async () => {
    await install();
    world.write('.tmux.conf', `set -g mouse on\n${world.read('.tmux.conf')}`);
    await uninstall();
    expect(world.read('.tmux.conf')).toBe('set -g mouse on\n');
  });

  it('are written through a link, and keep the mode', async () => {
    const file = world.write('dotfiles/tmux.conf', 'set -g mouse on\n');
    chmodSync(file, 0o640);
    symlinkSync('dotfiles/tmux.conf', world.path('.tmux.conf'));
    await install();
    expect(lstatSync(world.path('.tmux.conf')).isSymbolicLink()).toBe(true);
    expect(world.read('dotfiles/tmux.conf')).toContain('>>> otop');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    await uninstall();
    expect(world.read('dotfiles/tmux.conf')).toBe('set -g mouse on\n');
    expect(readdirSync(world.path('dotfiles'))).toEqual(['tmux.conf']);
  });

  it('are not changed without --force if somebody changed them', async () => {
    world.write('.tmux.conf', 'set -g mouse on\n');
    await install();
    const edited = world.read('.tmux.conf').replace('status --format tmux', 'status --format plain');
    world.write('.tmux.conf', edited);
    const why = `otop: ${world.path('.tmux.conf')}: the lines between otop's marks were changed by hand; or use --force\n`;
    expect(await install()).toEqual({ code: 1, out: '', err: why });
    expect(await uninstall()).toMatchObject({ code: 1, err: why });
    expect(await check()).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^tmux: installed, changed by hand; /),
    });
    expect(world.read('.tmux.conf')).toBe(edited);
    expect((await install('--force')).code).toBe(0);
    expect((await check()).code).toBe(0);
    world.write('.tmux.conf', edited);
    expect((await uninstall('--force')).code).toBe(0);
    expect(world.read('.tmux.conf')).toBe('set -g mouse on\n');
  });

  it.each([
    ['half a mark', '# >>> otop {}\nset -g @otop x\n', '1'],
    ['the other half', 'set -g @otop x\n# <<< otop\n', '2'],
    ['two pairs', '# >>> otop {}\n# <<< otop\n# >>> otop {}\n# <<< otop\n', '1, 2, 3, 4'],
    ['marks the wrong way round', '# <<< otop\n# >>> otop {}\n', '1, 2'],
  ])('are left alone with %s', async (_what, text, places) => {
    world.write('.tmux.conf', text);
    const err = `otop: ${world.path('.tmux.conf')}: otop's marks (>>> otop, <<< otop) are not one pair: correct line ${places} by hand\n`;
    for (const run of [install, uninstall]) expect(await run('--force')).toEqual({ code: 1, out: '', err });
    expect(world.read('.tmux.conf')).toBe(text);
  });

  it('are not written beside a line that shows otop already', async () => {
    world.write(
      '.tmux.conf',
      "# otop status --format tmux\nset -g status-right '#(otop status --format tmux)'\n",
    );
    expect(await install()).toMatchObject({
      code: 1,
      err: expect.stringContaining('shows otop already, in line 2'),
    });
    expect((await install('--force')).code).toBe(0);
  });

  it('are out of date after an update of otop, and are brought up to date', async () => {
    world.write('.tmux.conf', 'set -g mouse on');
    await install();
    const current = world.read('.tmux.conf');
    world.write('.tmux.conf', current.replace(/"version":"[^"]+"/, '"version":"0.0.1"'));
    expect((await check()).out).toMatch(/^tmux: installed, outdated; /);
    expect((await check()).code).toBe(1);
    expect((await install()).code).toBe(0);
    expect(world.read('.tmux.conf')).toBe(current);
    await uninstall();
    expect(world.read('.tmux.conf')).toBe('set -g mouse on');
  });

  it('are broken if Node or otop is gone', async () => {
    await install();
    const old = world.node;
    rmSync(old);
    Object.assign(world, { node: world.path('bin/newer-node') });
    chmodSync(world.write(world.node, ''), 0o755);
    expect(await check()).toMatchObject({
      code: 1,
      out: expect.stringContaining(`broken: Node.js is gone from ${old}; \`otop bar install tmux\` mends it`),
    });
    expect((await install()).code).toBe(0);
    expect((await check()).code).toBe(0);
  });
});

describe('the configuration of tmux', () => {
  const written = () =>
    ['.tmux.conf', 'xdg/tmux/tmux.conf', '.config/tmux/tmux.conf', 'mine.conf'].filter(
      (name) => existsSync(world.path(name)) && world.read(name).includes('>>> otop'),
    );
  const env = () => ({ XDG_CONFIG_HOME: world.path('xdg') });
  const installIn = async (...words: string[]) => {
    expect(await world.bar(['install', 'tmux', '--yes', ...words], { env: env() })).toMatchObject({
      code: 0,
      err: '',
    });
    return written();
  };

  it('is the last that tmux loads', async () => {
    world.write('.tmux.conf', '');
    expect(await installIn()).toEqual(['.tmux.conf']);
  });

  it.each([
    ['of XDG_CONFIG_HOME', ['.tmux.conf', 'xdg/tmux/tmux.conf'], 'xdg/tmux/tmux.conf'],
    ['of ~/.config', ['xdg/tmux/tmux.conf', '.config/tmux/tmux.conf'], '.config/tmux/tmux.conf'],
  ])('is the one %s after the others', async (_what, names, last) => {
    for (const name of names) world.write(name, '');
    expect(await installIn()).toEqual([last]);
  });

  it('is made where the folder for it is', async () => {
    mkdirSync(world.path('xdg/tmux'), { recursive: true });
    expect(await installIn()).toEqual(['xdg/tmux/tmux.conf']);
  });

  it('is the one that a running tmux names, but never that of the system', async () => {
    for (const name of ['.tmux.conf', 'mine.conf']) world.write(name, '');
    const names = `/etc/tmux.conf,${world.path('mine.conf')},${world.path('gone.conf')}`;
    world.programs.set('tmux display-message -p #{config_files}', `${names}\n`);
    expect(await installIn()).toEqual(['mine.conf']);
  });

  it('is the one that the user names', async () => {
    world.write('.tmux.conf', '');
    expect(await installIn('--file', world.path('mine.conf'))).toEqual(['mine.conf']);
  });

  it('may be one file with two names', async () => {
    world.write('.config/tmux/tmux.conf', 'set -g mouse on\n');
    symlinkSync('.config/tmux/tmux.conf', world.path('.tmux.conf'));
    for (const run of [install, check, uninstall]) expect(await run()).toMatchObject({ code: 0, err: '' });
    expect(world.read('.tmux.conf')).toBe('set -g mouse on\n');
  });

  it('may not hold the lines twice', async () => {
    world.write('.tmux.conf', '');
    await install();
    world.write('.config/tmux/tmux.conf', world.read('.tmux.conf'));
    expect(await uninstall()).toMatchObject({ code: 1, err: expect.stringContaining('are in two files') });
  });

  it('is refused if it is no file that otop can write, in one line', async () => {
    mkdirSync(world.path('.tmux.conf'));
    expect((await install()).err).toBe(`otop: ${world.path('.tmux.conf')} is no plain file\n`);
    rmSync(world.path('.tmux.conf'), { recursive: true });
    symlinkSync('nowhere', world.path('.tmux.conf'));
    world.programs.set('tmux display-message -p #{config_files}', '');
    expect((await install('--file', world.path('.tmux.conf'))).err).toBe(
      `otop: ${world.path('.tmux.conf')} is a link that leads nowhere\n`,
    );
  });
});

describe('a running tmux', () => {
  beforeEach(() => {
    world.write('.tmux.conf', '');
    world.programs.set('tmux display-message -p #{pid}', '1\n');
  });

  it('is reloaded if the user says yes', async () => {
    world.programs.set('tmux source-file', '');
    const { out } = await world.bar(['install', 'tmux', '--no-serve'], { answers: ['y', 'y'] });
    expect(out).toContain(
      `Reload the running tmux: \`tmux source-file ${world.path('.tmux.conf')}\`? (y/N) `,
    );
    expect(out).toMatch(/tmux shows it now\.\n$/);
    expect(world.ran.at(-1)).toBe(`tmux source-file ${world.path('.tmux.conf')}`);
  });

  it('is left alone if not, with the command to run', async () => {
    const { code, out } = await world.bar(['install', 'tmux', '--no-serve'], { answers: ['y', 'n'] });
    expect({
      code,
      last: out
        .trimEnd()
        .split('\n')
        .at(-1)
        ?.replace(/^.*\) /, ''),
    }).toEqual({
      code: 0,
      last: `To reload tmux: tmux source-file ${world.path('.tmux.conf')}`,
    });
  });

  it('is named by the check as long as it does not show it', async () => {
    await install();
    const command = `tmux source-file ${world.path('.tmux.conf')}`;
    world.programs.set('tmux show-options -gqv @otop', '\n');
    expect(await check()).toMatchObject({
      code: 0,
      out: expect.stringContaining(`The running tmux does not show it yet: ${command}\n`),
    });
    expect((await install()).out).toContain('does not show it yet');
    world.programs.set('tmux show-options -gqv @otop', '#(otop)\n');
    expect((await check()).out).not.toContain('does not show it yet');
  });

  it("loses otop's part alone at an uninstallation", async () => {
    await install();
    const answers = {
      'show-options -gqv @otop_length': '40\n',
      'show-options -gqv @otop': '#(otop)\n',
      'show-options -gv status-right-length': '80\n',
      'show-options -gv status-right': '#{?@otop,#{E:@otop}  ,}mine %H \n',
      'set-option': '',
    };
    for (const [command, answer] of Object.entries(answers)) world.programs.set(`tmux ${command}`, answer);
    expect((await uninstall()).code).toBe(0);
    expect(world.ran.filter((command) => command.startsWith('tmux set-option'))).toEqual([
      'tmux set-option -g status-right mine %H ',
      'tmux set-option -g status-right-length 40',
      'tmux set-option -gqu @otop',
      'tmux set-option -gqu @otop_length',
    ]);
  });
});
