import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HostReading } from '../../../lib/domain/board/readings.ts';
import type { ConnectionEnv } from '../../../lib/sources/server/connection.ts';
import { type HostsUnderTest, hostsUnderTest } from '../../support/hosts.ts';
import { emptyProcRoot } from '../../support/machine.ts';
import { otopPath } from '../../support/program.ts';
import { demoOtop, type Sshd, sshdPath, startSshd } from '../../support/sshd.ts';
import { openPane } from '../../support/tmux.ts';

const hourMs = 3_600_000;
const silenceMs = 25_000;

if (sshdPath === undefined) {
  it('skips the real sshd, because there is none here (apt-get install openssh-server)', () => {
    expect(process.env.CI).toBeUndefined();
  });
} else {
  describe('a machine behind a real sshd', specifyRealSshd);
}

function specifyRealSshd(): void {
  let sshd: Sshd;
  let world: HostsUnderTest;
  beforeAll(async () => {
    const ahead = `export NODE_OPTIONS="--import=$HOME/ahead.mjs"`;
    sshd = await startSshd({ box: { otop: demoOtop() }, ahead: { otop: demoOtop(ahead) }, bare: {} }, [
      'Host keyless\n  IdentityFile /nonexistent',
      'Host stranger\n  IdentityFile KEY\n  UserKnownHostsFile /dev/null',
      'Host closed\n  Port 1',
      'Host fussy\n  IdentityFile KEY\n  LocalForward PORT 127.0.0.1:1\n  ExitOnForwardFailure yes\n  RemoteCommand false\n  RequestTTY force',
    ]);
    const shift = `const now = Date.now.bind(Date);\nDate.now = () => now() + ${hourMs};\n`;
    writeFileSync(join(sshd.folder, 'ahead', 'ahead.mjs'), shift);
  });
  afterAll(() => sshd.close());
  beforeEach(() => {
    world = hostsUnderTest();
  });
  afterEach(() => world.close());

  const open = (names: readonly string[], some: { readonly connectionEnv?: ConnectionEnv } = {}) =>
    world.open(names, { env: { PATH: sshd.path, HOME: sshd.folder, LANG: 'C.UTF-8' }, ...some });
  const linkIs = (link: HostReading['host']['link']) =>
    world.reading((now) => now.every(({ host }) => host.link === link));
  const titles = ([reading]: readonly HostReading[]) =>
    reading?.rows.map(({ session }) => session?.title).filter((title) => title !== undefined);

  it('sends its sessions, with the command to attach to each', async () => {
    open(['box']);
    const now = await linkIs('live');
    expect(titles(now)).toContain('Refactor the api client');
    const inPane = now[0]?.rows.find(({ process }) => process?.pane !== undefined);
    expect(inPane?.elsewhere).toEqual({ by: 'ssh', attach: expect.stringMatching(/^tmux .*attach -t /) });
  });

  it('has its times converted to the local clock if its clock is an hour ahead', async () => {
    open(['box', 'ahead']);
    const now = await linkIs('live');
    for (const { rows } of now) {
      const startedAtMs = rows.flatMap(({ process }) => process?.startedAtMs ?? []);
      expect(startedAtMs.length).toBeGreaterThan(5);
      expect(Math.max(...startedAtMs)).toBeLessThan(Date.now());
      expect(Math.max(...startedAtMs)).toBeGreaterThan(Date.now() - hourMs / 2);
    }
  });

  it('works with a configuration for interactive use', async () => {
    open(['fussy']);
    expect(titles(await linkIs('live'))).toContain('Refactor the api client');
  });

  it('says in words why it cannot be followed', async () => {
    open(['bare', 'keyless', 'stranger', 'closed']);
    const now = await linkIs('away');
    expect(
      now.map(({ host }) => `${host.name}: ${host.why}`.replace(/\(\w[\w.-]*@127/, '(me@127')),
    ).toMatchInlineSnapshot(`
      [
        "bare: otop is not on the PATH of its shell: install it there (npm install -g), so that \`ssh bare otop -V\` prints a version",
        "keyless: ssh needs a password, and otop never asks for one: add a key to ssh-agent (me@127.0.0.1: Permission denied (publickey,password).)",
        "stranger: its host key is not known: run \`ssh stranger\` once by hand",
        "closed: ssh: connect to host 127.0.0.1 port 1: Connection refused",
      ]
    `);
  });

  it('is away and keeps its rows when its connection is killed, and is live again afterwards', async () => {
    open(['box']);
    const [before] = await linkIs('live');
    for (const pid of sshd.connections()) process.kill(pid, 'SIGKILL');
    const [gone] = await linkIs('away');
    expect(gone?.host.why).toMatch(
      /^ssh: Connection to 127\.0\.0\.1 closed by remote host|^ssh ended without/,
    );
    expect(gone?.rows).toHaveLength(before?.rows.length ?? 0);
    await linkIs('live');
  });

  it('is away when its sshd is stopped, and is live again over another connection', async () => {
    let endSilencePause = () => undefined;
    const sleep: ConnectionEnv['sleep'] = (ms) =>
      new Promise((resolve) => {
        if (ms !== silenceMs) setTimeout(resolve, 10).unref();
        else endSilencePause = () => void resolve();
      });
    open(['box'], { connectionEnv: { nowMs: () => Date.now(), random: () => 0.5, sleep } });
    await linkIs('live');
    const stopped = sshd.connections();
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    endSilencePause();
    const [gone] = await linkIs('away');
    expect(gone?.host.why).toBe('it stopped sending');
    await linkIs('live');
    expect(sshd.connections()).not.toEqual(stopped);
  });

  it('cannot prompt for a password on the screen', async () => {
    const { folder, path } = sshd;
    const env = `PATH='${path}' HOME='${folder}' OTOP_PROC_ROOT='${emptyProcRoot}' XDG_CONFIG_HOME= XDG_STATE_HOME= XDG_DATA_HOME=`;
    const pane = openPane(`otop-sshd-${process.pid}`, 140, 30, `${env} node ${otopPath} --host keyless`);
    try {
      const text = await pane.until((shown) => shown.includes('ssh needs a password'));
      expect(text).toMatch(/^ otop .*\n STATUS/);
      expect(text).not.toMatch(/password:/);
    } finally {
      pane.close();
    }
  });
}
