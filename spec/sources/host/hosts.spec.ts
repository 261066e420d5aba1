import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSshHost } from '../../../lib/domain/process/ssh-host.ts';
import { readLines } from '../../../lib/sources/host/line-reader.ts';
import { nowMs } from '../../support/builders.ts';
import { feedOf, type HostsUnderTest, hostsUnderTest } from '../../support/hosts.ts';
import { until } from '../../support/wait.ts';

let world: HostsUnderTest;
beforeEach(() => {
  world = hostsUnderTest();
});
afterEach(() => world.close());

const why = async (shell: string) => {
  world.script('box', shell);
  world.open(['box']);
  const [reading] = await world.reading(([first]) => first?.host.link === 'away');
  return reading?.host.why;
};

describe('a machine behind ssh', () => {
  it('runs otop there, with no way to prompt the user', async () => {
    world.file('box.lines', feedOf('desk', 2, nowMs));
    const notes = world.file('notes', '');
    world.script(
      'box',
      `echo "$SSH_OPTIONS | $1 | $SSH_ASKPASS_REQUIRE" > notes; cat box.lines; exec sleep 99`,
    );
    world.open(['box'], { includeIdle: true });
    const [reading] = await world.reading(([first]) => first?.host.link === 'live');
    expect(reading?.rows.map(({ host, session }) => `${host} ${session?.title}`)).toEqual([
      'box Session 0',
      'box Session 1',
    ]);
    expect(reading?.troubles).toEqual([]);
    const [options, command, askpass] = readFileSync(notes, 'utf8').trim().split(' | ');
    expect(options).toMatch(/^-T -o BatchMode=yes /);
    expect(command).toBe('otop sessions --watch --no-hosts --include-noninteractive --all');
    expect(askpass).toBe('never');
  });

  it('keeps its rows after its connection ends', async () => {
    world.file('box.lines', feedOf('desk', 2, nowMs));
    world.script('box', `cat box.lines; exec sleep 0.05`);
    world.open(['box']);
    const [reading] = await world.reading(([first]) => first?.host.link === 'away');
    expect(reading?.rows).toHaveLength(2);
    expect(reading?.host).toMatchObject({
      why: 'otop ended there with exit code 0',
      heardAtMs: expect.any(Number),
    });
  });

  it('has no terminal on which ssh could prompt for a password', async () => {
    expect(
      await why(
        'if (read x < /dev/tty) 2>/dev/null; then echo asked >&2; exit 1; fi; echo "me@box: Permission denied (publickey,password)." >&2; exit 255',
      ),
    ).toMatchInlineSnapshot(
      `"ssh needs a password, and otop never asks for one: add a key to ssh-agent (me@box: Permission denied (publickey,password).)"`,
    );
  });

  it('quotes the denial, also if a jump host prints more afterwards', async () => {
    const said = 'me@jump: Permission denied (publickey).\\nkex_exchange_identification: Connection closed';
    expect(await why(`printf '${said}\\n' >&2; exit 255`)).toMatch(
      /\(me@jump: Permission denied \(publickey\)\.\)$/,
    );
  });

  it('says what to do if otop is missing there', async () => {
    expect(await why('echo "sh: 1: otop: not found" >&2; exit 127')).toMatchInlineSnapshot(
      `"otop is not on the PATH of its shell: install it there (npm install -g), so that \`ssh box otop -V\` prints a version"`,
    );
  });

  it('says so in csh, too', async () => {
    expect(await why('echo "otop: Command not found." >&2; exit 1')).toMatch(/^otop is not on the PATH/);
  });

  it('says what to do if its shell finds no node', async () => {
    expect(
      await why("echo '/usr/bin/env: ‘node’: No such file or directory' >&2; exit 127"),
    ).toMatchInlineSnapshot(
      `"its shell finds otop but no node (nvm, for example, sets it up only in terminals): \`ssh box node -v\` must print a version"`,
    );
  });

  it('quotes the message of a jump host that failed', async () => {
    expect(
      await why(
        'echo "ssh: connect to host jump port 22: Connection refused" >&2; echo "Connection closed by UNKNOWN port 65535" >&2; exit 255',
      ),
    ).toMatchInlineSnapshot(`"ssh: connect to host jump port 22: Connection refused"`);
  });

  it('quotes ssh if it cannot be reached', async () => {
    expect(
      await why('echo "ssh: connect to host box port 22: Connection refused" >&2; exit 255'),
    ).toMatchInlineSnapshot(`"ssh: connect to host box port 22: Connection refused"`);
  });

  it('says that its host key is not known', async () => {
    expect(await why('echo "Host key verification failed." >&2; exit 255')).toMatchInlineSnapshot(
      `"its host key is not known: run \`ssh box\` once by hand"`,
    );
  });

  it('says that its host key has changed', async () => {
    expect(
      await why(
        'echo "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @" >&2; echo "Host key verification failed." >&2; exit 255',
      ),
    ).toMatchInlineSnapshot(
      `"its host key differs from the one that ssh knows: run \`ssh box\` for the details"`,
    );
  });

  it('quotes its otop if that exits with an error', async () => {
    expect(await why('printf "otop: unknown option\\033[2J --watch\\n" >&2; exit 2')).toMatchInlineSnapshot(
      `"otop ended there with exit code 2: otop: unknown option --watch"`,
    );
  });

  it('is disconnected if it sends an endless line', async () => {
    expect(await why('head -c 4000000 /dev/zero')).toMatchInlineSnapshot(
      `"it sends lines of more than 2 MB, which otop does not read"`,
    );
  });

  it('needs an ssh on this machine', async () => {
    world.open(['box'], { env: { PATH: '/nonexistent' } });
    const [reading] = await world.reading(([first]) => first?.host.link === 'away');
    expect(reading?.host.why).toBe('there is no ssh on the PATH of this machine');
  });

  it('is away after 25 seconds without a line, and keeps its rows', async () => {
    world.file('box.lines', feedOf('desk', 2, nowMs));
    world.script('box', `cat box.lines; exec sleep 99`);
    const pauses: { ms: number; end: () => void }[] = [];
    const sleep = (ms: number) => new Promise<void>((end) => pauses.push({ ms, end }));
    world.open(['box'], { connectionEnv: { nowMs: () => nowMs, random: () => 0.5, sleep } });
    await world.reading(([first]) => first?.host.link === 'live');
    for (const { ms, end } of pauses) if (ms === 25_000) end();
    const [reading] = await world.reading(([first]) => first?.host.link === 'away');
    expect(reading?.host).toMatchObject({ why: 'it stopped sending', heardAtMs: nowMs });
    expect(reading?.rows).toHaveLength(2);
  });

  it('has its hanging ssh, and the programs that ssh started, ended together with otop', async () => {
    const pids = world.file('pids', '');
    world.script('box', `sleep 99 & echo $! >> pids; echo $$ >> pids; echo hello; wait`);
    const hosts = world.open(['box']);
    hosts.refresh();
    const started = () => readFileSync(pids, 'utf8').trim().split('\n').map(Number);
    await until('two started programs', () => started().length === 2, started);
    const found = started();
    hosts.close();
    const isAlive = (pid: number) => {
      try {
        // A zombie that its new parent has not reaped yet counts as dead.
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      } catch {
        return false;
      }
    };
    await until(
      'the end of both',
      () => !found.some(isAlive),
      () => found.filter(isAlive),
    );
    expect(found).toHaveLength(2);
  });
});

describe('twenty machines with fifty sessions each', () => {
  it('are all live while one hangs and one fails', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `box${index}`);
    for (const name of names) {
      world.file(`${name}.lines`, feedOf(name, 50, nowMs));
      world.script(name, `cat ${name}.lines; exec sleep 99`);
    }
    world.script('box3', 'exec sleep 99');
    world.script('box7', 'exit 255');
    world.open(names);
    const readings = await world.reading(
      (now) =>
        now.filter(({ host }) => host.link === 'live').length === 18 &&
        now.some(({ host }) => host.link === 'away'),
    );
    expect(readings.flatMap(({ rows }) => rows)).toHaveLength(18 * 50);
    expect(new Set(readings.flatMap(({ rows }) => rows.map(({ key }) => key))).size).toBe(900);
    expect(readings.map(({ host }) => host.link).slice(2, 9)).toEqual([
      'live',
      'connecting',
      'live',
      'live',
      'live',
      'away',
      'live',
    ]);
  });
});

describe('the name of a host', () => {
  it.each(['box', 'me@box.example', '10.0.0.7', 'fe80::1%eth0', '_gateway', 'Box-2'])('may be %s', (name) => {
    expect(parseSshHost(name)).toEqual({ name });
  });

  it.each([
    '',
    '-oProxyCommand=x',
    'me@-box',
    'a;b',
    'a b',
    '$(id)',
    '`id`',
    'a|b',
    'a\nb',
    "a'b",
    'a"b',
    'a&b',
    '../x',
    'a\\b',
    'x'.repeat(300),
  ])('may not be %j', (name) => {
    expect(parseSshHost(name)).toHaveProperty('refused');
  });
});

describe('reading lines', () => {
  it('joins a line that arrives in pieces', async () => {
    async function* chunks() {
      for (const piece of ['a', 'b\nü'.slice(0, 3), '\n\nrest']) yield Buffer.from(piece);
    }
    const lines: string[] = [];
    for await (const line of readLines(chunks())) lines.push(line);
    expect(lines).toEqual(['ab', 'ü', '']);
  });
});
