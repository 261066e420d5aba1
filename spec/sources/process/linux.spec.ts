import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LinuxProcesses } from '../../../lib/sources/process/linux.ts';
import { openProc, type Proc } from '../../../lib/sources/process/proc.ts';
import { describeProcessSource } from './contract.ts';
import { linuxWorld } from './fake-proc.ts';
import { type Invented, startMs } from './world.ts';

describeProcessSource('Linux', linuxWorld, 'pts/3');

const binary = '/opt/opencode/bin/opencode';
const log = '/home/u/.local/share/opencode/log';

function tui(more: Partial<Invented> = {}): Invented {
  return { pid: 4242, argv: ['opencode'], executable: binary, cwd: '/home/u/shop', tty: 'pts/3', ...more };
}

describe('processes in /proc', () => {
  let world: ReturnType<typeof linuxWorld>;

  beforeEach(() => {
    world = linuxWorld();
  });

  afterEach(() => {
    world.close();
  });

  const look = async (how: 'full' | 'known' = 'full') =>
    (await world.source.sample(how, world.nowMs)).processes;

  /** A finder on the same tree, some of whose reads the machine denies, or counts. */
  const finderWith = (changes: Partial<Proc>) => {
    const proc = { ...openProc(world.root), ...changes };
    return new LinuxProcesses({ proc, userId: 1000, monotonicMs: () => world.nowMs - startMs });
  };

  it('finds a process that started since, without a full look', async () => {
    await look();
    world.pass(1000);
    world.put(tui({ startedAtMs: world.nowMs }));
    expect(await look('known')).toMatchObject([{ pid: 4242 }]);
  });

  it('finds opencode where a new shell became it under the same number', async () => {
    await look();
    world.pass(1000);
    const startedAtMs = world.nowMs;
    world.put(tui({ argv: ['sh', '-c', 'opencode'], executable: '/bin/sh', startedAtMs }));
    expect(await look('known')).toEqual([]);
    world.pass(1000);
    world.put(tui({ startedAtMs }));
    expect(await look('known')).toMatchObject([{ pid: 4242 }]);
  });

  it('finds opencode where an old shell became it, at the next full look', async () => {
    world.put(tui({ argv: ['-bash'], executable: '/bin/bash', startedAtMs: startMs - 600_000 }));
    await look();
    world.pass(60_000);
    world.put(tui({ startedAtMs: startMs - 600_000 }));
    expect(await look('full')).toMatchObject([{ pid: 4242 }]);
  });

  it('reads no process again that is neither young nor opencode', async () => {
    const reads: number[] = [];
    const proc = openProc(world.root);
    const finder = finderWith({
      stat: (pid) => {
        reads.push(pid);
        return proc.stat(pid);
      },
    });
    world.put(tui({ startedAtMs: startMs - 60_000 }));
    for (let pid = 5000; pid < 5020; pid += 1) {
      world.put({ pid, argv: ['sleep'], executable: '/bin/sleep', startedAtMs: startMs - 600_000 });
    }
    await finder.look('full', startMs);
    world.pass(60_000);
    reads.length = 0;
    await finder.look('known', world.nowMs);
    expect(reads).toEqual([4242]);
  });

  it('reads what may become opencode again at a full look, and the threads of the kernel never', async () => {
    const reads: number[] = [];
    const proc = openProc(world.root);
    const stat = (pid: number) => {
      reads.push(pid);
      return proc.stat(pid);
    };
    const finder = finderWith({ stat });
    const kernelThread = { parentPid: 2, argv: [], executable: 'kworker' };
    world.put({ pid: 60, ...kernelThread, startedAtMs: startMs - 3_600_000 });
    world.put({ pid: 61, ...kernelThread, startedAtMs: startMs - 600_000 });
    world.put({ pid: 5000, argv: ['bash'], executable: '/bin/bash', startedAtMs: startMs - 600_000 });
    await finder.look('full', startMs);
    world.pass(60_000);
    reads.length = 0;
    await finder.look('full', world.nowMs);
    expect(reads).not.toContain(60);
    expect(reads).toEqual(expect.arrayContaining([61, 5000]));
  });

  it('does not take a fork of opencode, about to run a tool, for another opencode', async () => {
    world.put(tui());
    world.put({ pid: 77, argv: ['sleep'], executable: '/bin/sleep' });
    await look();
    world.pass(30_000);
    world.put(tui({ pid: 4243, parentPid: 4242, startedAtMs: world.nowMs }));
    expect((await look('known')).map(({ pid }) => pid)).toEqual([4242]);
    world.pass(2000);
    expect((await look('known')).map(({ pid }) => pid)).toEqual([4242, 4243]);
  });

  it('follows the position in the log between full looks', async () => {
    const files = [{ fd: 23, path: `${log}/opencode.log`, positionBytes: 100 }];
    world.put(tui({ files, startedAtMs: startMs - 60_000 }));
    await look();
    world.pass(60_000);
    writeFileSync(join(world.root, '4242/fdinfo/23'), 'pos:\t250\nflags:\t0102001\n');
    expect((await look('known'))[0]?.logs).toMatchObject([{ positionBytes: 250 }]);
  });

  it('asks nobody for a position in a log that was not written since', async () => {
    const asked: number[] = [];
    const proc = openProc(world.root);
    const finder = finderWith({
      positionBytes: (pid, fd) => {
        asked.push(pid);
        return proc.positionBytes(pid, fd);
      },
    });
    const path = join(world.root, 'opencode/log/opencode.log');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'one\n');
    for (const pid of [4242, 4243]) {
      world.put(tui({ pid, files: [{ fd: 23, path, positionBytes: 4 }], startedAtMs: startMs - 60_000 }));
    }
    await finder.look('full', startMs);
    world.pass(60_000);
    await finder.look('known', world.nowMs);
    expect(asked).toEqual([4242, 4243]);
    writeFileSync(path, 'one\ntwo\n');
    await finder.look('known', world.nowMs);
    expect(asked).toEqual([4242, 4243, 4242, 4243]);
  });

  it('lists the files again when the log is closed', async () => {
    world.put(tui({ files: [{ fd: 23, path: `${log}/a.log` }], startedAtMs: startMs - 60_000 }));
    await look();
    world.pass(60_000);
    world.put(tui({ files: [{ fd: 25, path: `${log}/b.log` }], startedAtMs: startMs - 60_000 }));
    expect((await look('known'))[0]?.logs).toMatchObject([{ path: `${log}/b.log` }]);
  });

  it('names the log also where its position cannot be read', async () => {
    world.put(tui({ files: [{ fd: 23, path: `${log}/opencode.log` }] }));
    rmSync(join(world.root, '4242/fdinfo'), { recursive: true });
    expect((await look())[0]?.logs).toEqual([
      { readPath: `${log}/opencode.log`, path: `${log}/opencode.log`, deleted: false },
    ]);
  });

  it('drops a process that has become another program', async () => {
    world.put(tui({ startedAtMs: startMs - 60_000 }));
    await look();
    world.pass(60_000);
    world.put(tui({ argv: ['bash'], executable: '/bin/bash', startedAtMs: startMs - 60_000 }));
    expect(await look('known')).toEqual([]);
  });

  it('reads a log that was rotated away through its descriptor', async () => {
    world.put(tui({ files: [{ fd: 25, path: `${log}/2026-11-22T143608.log (deleted)` }] }));
    const [process] = await look();
    expect(process?.logs).toEqual([
      {
        readPath: join(world.root, '4242/fd/25'),
        path: `${log}/2026-11-22T143608.log`,
        deleted: true,
        positionBytes: 0,
      },
    ]);
  });

  it('knows a database of any name by the log that is open beside it', async () => {
    const files = ['/data/work.db', '/data/work.db-wal', '/data/other.db'].map((path, at) => ({
      fd: 20 + at,
      path,
    }));
    world.put(tui({ files }));
    expect((await look())[0]?.databases).toEqual(['/data/work.db']);
  });

  it('calls a process an orphan whose terminal shows as deleted, at the next look', async () => {
    world.put(tui({ startedAtMs: startMs - 60_000 }));
    expect((await look())[0]).toMatchObject({ orphan: false, tty: 'pts/3' });
    world.pass(60_000);
    const { tty: _gone, ...hungUp } = tui({ parentPid: 1, startedAtMs: startMs - 60_000 });
    world.put({ ...hungUp, files: [{ fd: 0, path: '/dev/pts/3 (deleted)' }] });
    const [orphan] = await look('known');
    expect(orphan).toMatchObject({ orphan: true });
    expect(orphan?.tty).toBeUndefined();
  });

  it('does not call a server an orphan that was left to run without a terminal', async () => {
    const { tty: _none, ...server } = tui({ argv: ['opencode', 'serve'], parentPid: 1 });
    world.put({ ...server, files: [{ fd: 0, path: '/dev/pts/3 (deleted)' }] });
    expect(await look()).toMatchObject([{ kind: 'serve', orphan: false }]);
  });

  it('leaves the panes of a tmux server that a tool once started to themselves', async () => {
    world.put(tui({ environment: { OPENCODE_PID: '4000' } }));
    expect((await look())[0]?.startedByPid).toBeUndefined();
  });

  it('keeps the row of a process of another user, and says what is missing', async () => {
    world.put(tui());
    const denied = () => ({ kind: 'denied', code: 'EACCES' }) as const;
    const finder = finderWith({
      executable: denied,
      workingDirectory: denied,
      descriptors: denied,
      environment: denied,
      userId: () => 1001,
    });
    const { sightings } = await finder.look('full', startMs);
    expect(sightings.map(({ process }) => process)).toMatchInlineSnapshot(`
      [
        {
          "args": [],
          "children": [],
          "databases": [],
          "kind": "tui",
          "logs": [],
          "missing": [
            "not readable: working directory, open files, environment (the process belongs to user 1001)",
          ],
          "orphan": false,
          "parentPid": 1,
          "pid": 4242,
          "ports": [],
          "rssBytes": 0,
          "startedAtMs": 1795355940000,
          "tty": "pts/3",
        },
      ]
    `);
  });

  it('loses only the process that vanishes half-way', async () => {
    world.put(tui());
    world.put(tui({ pid: 4243 }));
    const proc = openProc(world.root);
    const finder = finderWith({
      workingDirectory: (pid) => {
        rmSync(join(world.root, '4243'), { recursive: true, force: true });
        return proc.workingDirectory(pid);
      },
    });
    const { sightings, troubles } = await finder.look('full', startMs);
    expect(sightings.map(({ process }) => process.pid)).toEqual([4242]);
    expect(troubles).toEqual([]);
  });

  it('passes over a zombie', async () => {
    world.put(tui());
    await look();
    writeFileSync(
      join(world.root, '4242/stat'),
      '4242 (opencode) Z 1 1 1 0 -1 0 0 0 0 0 5 5 0 0 20 0 1 0 999 0 0 0\n',
    );
    expect(await look('known')).toEqual([]);
  });

  it('takes command lines with newlines, without an end and without a limit', async () => {
    world.put(tui({ argv: ['opencode', 'run', 'line one\nline two', ''] }));
    world.put(tui({ pid: 4243, argv: ['opencode', '-s', 'ses_2'] }));
    appendFileSync(join(world.root, '4243/cmdline'), 'x'.repeat(3_000_000));
    const [first, second] = await look();
    expect(first?.args).toEqual(['run', 'line one\nline two']);
    expect(second?.args.slice(0, 2)).toEqual(['-s', 'ses_2']);
    expect(second?.args[2]?.length).toBeLessThan(300_000);
  });

  it('gives rates by the clock that nobody sets', async () => {
    world.put(tui({ cpuMs: 1000, startedAtMs: startMs - 60_000 }));
    await world.source.sample('full', startMs);
    world.pass(1000);
    world.put(tui({ cpuMs: 1500, startedAtMs: startMs - 60_000 }));
    const [process] = (await world.source.sample('known', startMs - 86_400_000)).processes;
    expect(process).toMatchObject({ cpuPercent: 50 });
  });

  it('names a /proc that can no longer be listed', async () => {
    world.put(tui());
    await look();
    rmSync(world.root, { recursive: true });
    const reading = await world.source.sample('full', world.nowMs);
    expect(reading.troubles).toMatchObject([{ source: 'processes' }]);
    mkdirSync(world.root);
  });

  it('finds opencode behind a link of that name, after an upgrade, and run from its source', async () => {
    const bun = '/usr/bin/bun';
    world.put(tui({ executable: '/opt/opencode-linux-x64', name: 'opencode' }));
    world.put(tui({ pid: 4243, executable: '/opt/opencode (deleted)', name: 'opencode' }));
    world.put(
      tui({
        pid: 4244,
        argv: ['bun', 'run', '/src/packages/opencode/src/index.ts', 'serve'],
        executable: bun,
      }),
    );
    world.put(tui({ pid: 4245, argv: ['bun', 'run', '/src/shop/src/index.ts'], executable: bun }));
    expect((await look()).map(({ pid, kind }) => `${pid} ${kind}`)).toEqual([
      '4242 tui',
      '4243 tui',
      '4244 serve',
    ]);
  });
});
