import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastingPath, terminalWords, versionNote } from '../../lib/bar/program.ts';
import { shellCommand, tmuxJob } from '../../lib/bar/quoting.ts';
import { BarWorld } from '../support/bar-world.ts';

let world: BarWorld;
beforeEach(() => {
  world = new BarWorld();
});
afterEach(() => world.remove());

const link = (name: string, target: string) => {
  world.write(`${name}.folder`, '');
  symlinkSync(world.path(target), world.path(name));
  return world.path(name);
};
const PATH = (...names: string[]) => ({ PATH: names.map((name) => world.path(name)).join(':') });

describe('the path of a program that is written down', () => {
  it("is Homebrew's link, which stays when an update removes the version's folder", () => {
    const real = world.write('brew/Cellar/node/22.1.0/bin/node', '');
    link('brew/opt/node', 'brew/Cellar/node/22.1.0');
    expect(lastingPath(real, 'node', {})).toBe(world.path('brew/opt/node/bin/node'));
  });

  it('is the link on the PATH that leads to it', () => {
    const real = world.write('store/abc-node/bin/node', '');
    link('profile/node', 'store/abc-node/bin/node');
    world.write('other/node', '');
    expect(lastingPath(real, 'node', PATH('other', 'profile'))).toBe(world.path('profile/node'));
  });

  it('is never one that ends with the shell', () => {
    const real = world.write('fnm/node-versions/v22.1.0/bin/node', '');
    link('run/fnm_multishells/12_34/node', 'fnm/node-versions/v22.1.0/bin/node');
    expect(lastingPath(real, 'node', PATH('run/fnm_multishells/12_34'))).toBe(real);
    expect(lastingPath(join(world.home, 'run/fnm_multishells/12_34/node'), 'node', {})).toBe(real);
  });

  it('is the one that was started, where the PATH has none', () => {
    world.write('lib/otop/dist/otop.js', '');
    const started = link('usr/bin/otop', 'lib/otop/dist/otop.js');
    expect(lastingPath(started, 'otop', PATH('bin'))).toBe(started);
  });

  it('is noted if it names a version', () => {
    const program = {
      node: '/home/me/.nvm/versions/node/v22.1.0/bin/node',
      script: '/usr/bin/otop',
      env: {},
    };
    expect(versionNote(program)).toContain('v22.1.0/bin/node names a version');
    expect(versionNote({ ...program, node: '/usr/bin/node' })).toBeUndefined();
  });

  it.each([
    ["npx's cache", '/home/me/.npm/_npx/1a2b/node_modules/.bin/otop', "is in npx's cache"],
    ['the sources', '/src/lib/cli/cli.ts', 'runs from its sources'],
    ['a path with a line break', '/home/a\nb/otop', 'a path with a line break cannot be written'],
  ])('is refused from %s, which may take out what was written', async (_what, script, why) => {
    await world.bar(['install', 'tmux', '--yes']);
    Object.assign(world, { script });
    expect((await world.bar(['uninstall', 'tmux', '--yes'])).code).toBe(0);
    expect(await world.bar(['install', 'tmux', '--yes'])).toMatchObject({
      code: 1,
      err: expect.stringContaining(why),
    });
  });
});

describe('a command for a bar', () => {
  it('is plain where it can be, and quoted where it must be', () => {
    const program = { node: '/usr/bin/node', script: "/it's/$otop", env: {} };
    expect(shellCommand(program, ['status'])).toBe("/usr/bin/node '/it'\\''s/$otop' status");
    expect(shellCommand({ ...program, env: { OTOP_CONFIG: '/a b' } }, [])).toBe(
      "/usr/bin/env 'OTOP_CONFIG=/a b' /usr/bin/node '/it'\\''s/$otop'",
    );
  });

  it('is refused for tmux if tmux would misread it', () => {
    expect(tmuxJob('/a (b) #c 100%/node')).toEqual({ job: '#(/a (b) ##c 100%%/node)' });
    for (const path of ['/a)b/node', '/a(b/node', '/)(/node', '/#[x]/node'])
      expect(tmuxJob(path)).toHaveProperty('why');
  });

  it("opens a terminal by that terminal's own words", () => {
    expect(terminalWords('/usr/bin/foot')).toEqual(['/usr/bin/foot']);
    expect(terminalWords('/usr/bin/wezterm')).toEqual(['/usr/bin/wezterm', 'start', '--']);
  });
});
