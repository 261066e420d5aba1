import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BarWorld } from '../support/bar-world.ts';

let world: BarWorld;
beforeEach(() => {
  world = new BarWorld();
  mkdirSync(world.path('Plug ins'));
  world.programs.set('defaults read com.ameba.SwiftBar PluginDirectory', `${world.path('Plug ins')}\n`);
});
afterEach(() => world.remove());

const mac = { platform: 'darwin' } as const;
const install = (...words: string[]) =>
  world.bar(['install', 'swiftbar', '--yes', '--no-serve', ...words], mac);
const uninstall = (...words: string[]) => world.bar(['uninstall', 'swiftbar', '--yes', ...words], mac);
const check = () => world.bar(['check', 'swiftbar'], mac);
const file = 'Plug ins/otop.5s.sh';
const names = () => readdirSync(world.path('Plug ins'));

describe("SwiftBar's plugin", () => {
  it('is written, executable, into the folder that SwiftBar names', async () => {
    expect(await install()).toMatchObject({ code: 0, err: '' });
    expect(statSync(world.path(file)).mode & 0o777).toBe(0o700);
    expect(
      world
        .read(file)
        .replaceAll(world.home, '/Users/me')
        .replace(/"sum":"\w+"/, '"sum":"…"'),
    ).toMatchInlineSnapshot(`
      "#!/bin/sh
      # >>> otop {"version":"0.1.0","node":"/Users/me/bin/node","script":"/Users/me/bin/otop","env":{},"sum":"…"}
      # Written by \`otop bar install swiftbar\`; \`otop bar uninstall swiftbar\` removes it.
      # SwiftBar runs it every 5 s, as its name says.
      # <xbar.title>otop</xbar.title>
      # <xbar.version>v0.1.0</xbar.version>
      # <xbar.desc>Which opencode sessions need you</xbar.desc>
      # <xbar.dependencies>node,otop</xbar.dependencies>
      # <swiftbar.hideRunInTerminal>true</swiftbar.hideRunInTerminal>
      # <swiftbar.alwaysVisible>true</swiftbar.alwaysVisible>
      # <swiftbar.runInBash>false</swiftbar.runInBash>
      [ -n "$LANG" ] || export LANG=en_US.UTF-8
      node=/Users/me/bin/node
      otop=/Users/me/bin/otop
      [ -x "$node" ] && [ -r "$otop" ] && exec "$node" "$otop" bar-status
      # Without a line here the item would leave the menu bar.
      printf '%s\\n' 'otop ! | color=#ff3b30' --- \\
        'Node.js or otop has moved: run otop bar install swiftbar' --- 'Refresh | refresh=true'
      "
    `);
    expect((await check()).code).toBe(0);
    expect((await install()).out).toBe(`swiftbar is up to date: ~/${file}\n`);
    expect((await uninstall()).code).toBe(0);
    expect(names()).toEqual([]);
  });

  it('starts otop with an empty environment, and prints a line if it cannot', async () => {
    world.write(world.node, '#!/bin/sh\necho "$@"\n');
    await world.bar(['install', 'swiftbar', '--yes', '--no-serve'], {
      ...mac,
      env: { XDG_DATA_HOME: "/it's $HOME" },
    });
    expect(world.read(file)).toContain("export XDG_DATA_HOME='/it'\\''s $HOME'\n");
    const run = () => execFileSync(world.path(file), { env: {}, encoding: 'utf8' });
    expect(run()).toBe(`${world.script} bar-status\n`);
    rmSync(world.node);
    expect(run().split('\n').slice(0, 3)).toEqual([
      'otop ! | color=#ff3b30',
      '---',
      'Node.js or otop has moved: run otop bar install swiftbar',
    ]);
  });

  it('keeps the name by which the user chose another interval', async () => {
    await install();
    renameSync(world.path(file), world.path('Plug ins/otop.30s.sh'));
    expect((await check()).code).toBe(0);
    await install();
    expect(names()).toEqual(['otop.30s.sh']);
    await uninstall();
    expect(names()).toEqual([]);
  });

  it("is not written over or beside a file of the user's", async () => {
    world.write(file, 'mine');
    expect((await install('--force')).err).toBe(
      `otop: ${world.path(file)} is not otop's: move it away first\n`,
    );
    renameSync(world.path(file), world.path('Plug ins/otop.1m.sh'));
    expect((await install()).err).toContain('otop.1m.sh shows otop already');
  });

  it('is not overwritten or removed without --force if somebody changed it', async () => {
    await install();
    world.write(file, world.read(file).replace('bar-status', 'bar-status --all'));
    for (const run of [install, uninstall])
      expect((await run()).err).toContain('was changed by hand; or use --force');
    expect((await uninstall('--force')).code).toBe(0);
  });

  it('is reported with what hides it', async () => {
    await install();
    chmodSync(world.path(file), 0o644);
    world.programs.set(
      'defaults read com.ameba.SwiftBar',
      [
        '{',
        '    DisabledPlugins =     (',
        '        "otop.5s.sh"',
        '    );',
        '    "NSStatusItem Visible otop.5s.sh" = 0;',
        '}',
      ].join('\n'),
    );
    const { code, out } = await check();
    expect(code).toBe(1);
    expect(out).toContain(
      'is not executable (chmod +x); the plugin is switched off in SwiftBar: Preferences, Plugins; macOS hides the item: ',
    );
  });

  it('goes to the folder that the user names, and only on macOS', async () => {
    mkdirSync(world.path('other'));
    expect((await install('--folder', world.path('other'))).code).toBe(0);
    expect([names(), readdirSync(world.path('other'))]).toEqual([[], ['otop.5s.sh']]);
    expect(await world.bar(['check', 'swiftbar'])).toEqual({
      code: 2,
      out: '',
      err: 'otop: swiftbar is only on macOS\n',
    });
    expect((await world.bar(['install', 'swiftbar', '--yes'])).code).toBe(2);
  });

  it('needs a folder', async () => {
    world.programs.clear();
    expect((await install()).err).toContain('SwiftBar has no plugin folder');
    expect((await install('--folder', '/no/where')).err).toBe(
      "otop: SwiftBar's plugin folder /no/where does not exist\n",
    );
    world.programs.set('defaults read com.ameba.SwiftBar PluginDirectory', '~/Plug ins\n');
    expect((await install()).code).toBe(0);
  });
});
