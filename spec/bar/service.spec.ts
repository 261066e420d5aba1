import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchdAgent, systemdUnit } from '../../lib/bar/service.ts';
import { BarWorld } from '../support/bar-world.ts';

let world: BarWorld;
beforeEach(() => {
  world = new BarWorld();
  world.write('.tmux.conf', '');
});
afterEach(() => world.remove());

const unit = '.config/systemd/user/otop.service';
const agent = 'Library/LaunchAgents/dev.otop.serve.plist';
const install = (...words: string[]) => world.bar(['install', 'tmux', '--yes', ...words]);
const uninstall = (...words: string[]) => world.bar(['uninstall', 'tmux', '--yes', ...words]);
const services = () => world.ran.filter((command) => /^(systemctl|launchctl)/.test(command));
const odd = {
  node: '/opt/a "b" %h $HOME \\/node',
  script: "/home/it's/otop",
  env: { XDG_STATE_HOME: '/state $HOME %u "x"' },
};

describe("systemd's unit", () => {
  it('is written, enabled and started with --serve', async () => {
    world.programs.set('systemctl', '');
    const { code, out } = await install('--serve');
    expect(code).toBe(0);
    expect(out).toContain('otop serve runs now, and from each login on.\n');
    expect(services()).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable otop.service',
      'systemctl --user restart otop.service',
    ]);
    expect(
      world
        .read(unit)
        .replaceAll(world.home, '/home/me')
        .replace(/"sum":"\w+"/, '"sum":"…"'),
    ).toMatchInlineSnapshot(`
      "# >>> otop {"version":"0.1.0","node":"/home/me/bin/node","script":"/home/me/bin/otop","env":{},"topFolder":"/home/me/.config","sum":"…"}
      # Written by \`otop bar install BAR --serve\`; \`otop bar uninstall BAR\` removes it.
      [Unit]
      Description=otop serve: every opencode session over HTTP

      [Service]
      # A login shell has your own PATH, with otop, node, and opencode for forks.
      ExecStart=/bin/sh -lc 'PATH="$$0:$$PATH" exec /bin/sh "$$1" serve' "/home/me/bin" "/home/me/bin/otop"
      Restart=on-failure
      # Forked sessions keep running when systemd restarts otop.
      KillMode=process

      [Install]
      WantedBy=default.target
      "
    `);
  });

  it('is written, with the commands to run, where no systemd answers', async () => {
    world.programs.set('systemctl', { kind: 'ended', exitCode: 1, stdout: '' });
    const { code, out } = await install('--serve');
    expect(code).toBe(0);
    expect(existsSync(world.path(unit))).toBe(true);
    expect(out).toContain(
      'otop serve could not be started (`systemctl --user daemon-reload`: exit code 1); where the manager of your services answers, run: systemctl --user daemon-reload && systemctl --user enable otop.service && systemctl --user restart otop.service\n',
    );
  });

  it('is stopped and removed with the last bar, and its folders with it', async () => {
    world.programs.set('systemctl', '');
    await install('--serve');
    world.ran.length = 0;
    expect((await uninstall()).code).toBe(0);
    expect(services()).toEqual([
      'systemctl --user disable --now otop.service',
      'systemctl --user daemon-reload',
    ]);
    expect(readdirSync(world.home).sort()).toEqual(['.tmux.conf', 'bin']);
  });

  it('loses the link of its start even where no systemd answers', async () => {
    await install('--serve');
    const wants = world.path('.config/systemd/user/default.target.wants');
    mkdirSync(wants);
    symlinkSync(world.path(unit), `${wants}/otop.service`);
    expect((await uninstall()).out).toContain(
      'otop serve could not be stopped (`systemctl --user disable --now otop.service`: not found)',
    );
    expect(readdirSync(world.home).sort()).toEqual(['.tmux.conf', 'bin']);
  });

  it('stays for another bar, and with --no-serve', async () => {
    world.write('.config/waybar/config', '{}');
    await world.bar(['install', 'waybar', '--yes']);
    await install('--serve');
    expect((await uninstall()).out).toContain(
      'The service of otop serve stays for waybar; --serve removes it, too.\n',
    );
    expect((await world.bar(['uninstall', 'waybar', '--yes', '--no-serve'])).code).toBe(0);
    expect(existsSync(world.path(unit))).toBe(true);
    expect((await uninstall()).code).toBe(0);
    expect(existsSync(world.path(unit))).toBe(false);
  });

  it("is not touched if it is the user's own, or was changed", async () => {
    world.write(unit, '[Service]\nExecStart=/usr/bin/otop serve\n');
    expect((await install('--serve')).err).toContain("otop.service is not otop's: move it away first");
    expect((await install()).code).toBe(0);
    expect(world.read(unit)).toContain('/usr/bin/otop serve');
  });

  it('stays if somebody changed it, and goes with --serve and --force', async () => {
    await install('--serve');
    world.write(unit, world.read(unit).replace('serve', 'serve -p 9000'));
    expect((await uninstall()).out).toContain('The service of otop serve stays: ');
    expect((await uninstall('--serve')).err).toContain('was changed by hand; or use --force');
    expect((await uninstall('--serve', '--force')).code).toBe(0);
    expect(existsSync(world.path(unit))).toBe(false);
  });

  it('is broken if it is installed and does not run', async () => {
    await install('--serve');
    expect(await world.bar(['check', 'tmux'])).toMatchObject({
      code: 1,
      out: expect.stringContaining(`serve: does not run, although its service is installed: ~/${unit}\n`),
    });
  });

  it('is not needed beside a serve that runs', async () => {
    const serve = { pid: process.pid, address: '127.0.0.1', port: 8384, instance: 'x', guarded: false };
    world.write('.local/state/otop/serve.json', JSON.stringify(serve));
    expect((await install('--serve')).out).toContain(
      `otop serve runs already (pid ${process.pid}): no service is needed.\n`,
    );
    expect(existsSync(world.path(unit))).toBe(false);
    expect((await world.bar(['check'])).out).toContain(`serve: runs, pid ${process.pid}, port 8384\n`);
  });

  it('quotes paths for systemd and for the shell', () => {
    const lines = systemdUnit(odd);
    expect(lines.filter((line) => /^(ExecStart|Environment)=/.test(line))).toEqual([
      `ExecStart=/bin/sh -lc 'PATH="$$0:$$PATH" exec /bin/sh "$$1" serve' "/opt/a \\"b\\" %%h $$HOME \\\\" "/home/it's/otop"`,
      'Environment="XDG_STATE_HOME=/state $HOME %%u \\"x\\""',
    ]);
  });
});

describe("launchd's agent", () => {
  const onMac = { platform: 'darwin' } as const;

  it('is written and loaded on macOS, and taken out again', async () => {
    world.programs.set('launchctl', '');
    expect((await world.bar(['install', 'tmux', '--yes', '--serve'], onMac)).code).toBe(0);
    const user = `gui/${process.getuid?.()}`;
    expect(services()).toEqual([
      `launchctl bootout ${user}/dev.otop.serve`,
      `launchctl bootstrap ${user} ${world.path(agent)}`,
    ]);
    expect(
      world
        .read(agent)
        .replaceAll(world.home, '/Users/me')
        .replace(/"sum":"\w+"/, '"sum":"…"'),
    ).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
      <!-- >>> otop {"version":"0.1.0","node":"/Users/me/bin/node","script":"/Users/me/bin/otop","env":{},"topFolder":"/Users/me/Library","sum":"…"} -->
      <!-- Written by \`otop bar install\`, if a service is wanted; \`otop bar uninstall\` removes it. -->
      <plist version="1.0">
      <dict>
        <key>Label</key>
        <string>dev.otop.serve</string>
        <key>ProgramArguments</key>
        <array>
          <string>/bin/zsh</string>
          <string>-lic</string>
          <string>PATH="$0:$PATH" exec /bin/sh "$1" serve</string>
          <string>/Users/me/bin</string>
          <string>/Users/me/bin/otop</string>
        </array>
        <key>EnvironmentVariables</key>
        <dict>
          <key>PATH</key>
          <string>/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin</string>
          <key>LANG</key>
          <string>en_US.UTF-8</string>
        </dict>
        <key>RunAtLoad</key>
        <true/>
        <key>KeepAlive</key>
        <dict>
          <key>SuccessfulExit</key>
          <false/>
        </dict>
        <key>ThrottleInterval</key>
        <integer>60</integer>
        <key>StandardErrorPath</key>
        <string>/Users/me/Library/Logs/otop-serve.log</string>
        <key>AbandonProcessGroup</key>
        <true/>
      </dict>
      </plist>
      "
    `);
    expect((await world.bar(['uninstall', 'tmux', '--yes'], onMac)).code).toBe(0);
    expect(readdirSync(world.home).sort()).toEqual(['.tmux.conf', 'bin']);
  });

  it('is well-formed, with any path', () => {
    const words = valuesOf(launchdAgent({ ...odd, script: '/a <b> & "c"/otop--x' }, '/log').join('\n'));
    expect(words).toContain('/a <b> & "c"/otop--x');
    expect(words).toContain(dirname(odd.node));
    expect(words).toContain('/state $HOME %u "x"');
  });

  it('has a mark that is a comment of XML, with any path', async () => {
    const program = world.write('a--b/-->/node', '');
    Object.assign(world, { node: program });
    await world.bar(['install', 'tmux', '--yes', '--serve'], onMac);
    const [comment = ''] = /<!-- >>> otop .* -->/.exec(world.read(agent)) ?? [];
    expect(comment.slice(4, -3)).not.toContain('--');
    expect((await world.bar(['check', 'tmux'], onMac)).out).toContain(
      'serve: does not run, although its service is installed, ',
    );
  });
});

/** The texts of all elements of XML, which must be balanced. */
function valuesOf(xml: string): string[] {
  const open: string[] = [];
  const values: string[] = [];
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&' };
  for (const [, comment, closing, name = '', empty, text = ''] of xml.matchAll(
    /(<!--(?:(?!--)[\s\S])*-->|<[?!][^>]*>)|<(\/?)([a-z]+)(?: [^>]*?)?(\/?)>([^<]*)/g,
  )) {
    if (comment) continue;
    if (closing) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name);
    if (!closing && text.trim() !== '')
      values.push(text.replace(/&(\w+);/g, (_, entity) => entities[entity] ?? '?'));
  }
  expect(open).toEqual([]);
  return values;
}
