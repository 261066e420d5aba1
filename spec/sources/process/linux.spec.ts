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

describe('the source of processes in /proc', () => {
  let world: ReturnType<typeof linuxWorld>;

  beforeEach(() => {
    world = linuxWorld();
  });

  afterEach(() => {
    world.close();
  });

  const sample = async (scope: 'full' | 'known' = 'full') =>
    (await world.source.sample(scope, world.nowMs)).processes;

  /** A finder for the same tree, with some reads replaced to deny or to count them. */
  const finderWith = (changes: Partial<Proc>) => {
    const proc = { ...openProc(world.root), ...changes };
    return new LinuxProcesses({ proc, userId: 1000, monotonicMs: () => world.nowMs - startMs });
  };

  it('finds a new process without a full sample', async () => {
    await sample();
    world.pass(1000);
    world.put(tui({ startedAtMs: world.nowMs }));
    expect(await sample('known')).toMatchObject([{ pid: 4242 }]);
  });

  it('finds opencode if a new shell becomes it under the same pid', async () => {
    await sample();
    world.pass(1000);
    const startedAtMs = world.nowMs;
    world.put(tui({ argv: ['sh', '-c', 'opencode'], executable: '/bin/sh', startedAtMs }));
    expect(await sample('known')).toEqual([]);
    world.pass(1000);
    world.put(tui({ startedAtMs }));
    expect(await sample('known')).toMatchObject([{ pid: 4242 }]);
  });

  it('finds opencode at the next full sample if an old shell becomes it', async () => {
    world.put(tui({ argv: ['-bash'], executable: '/bin/bash', startedAtMs: startMs - 600_000 }));
    await sample();
    world.pass(60_000);
    world.put(tui({ startedAtMs: startMs - 600_000 }));
    expect(await sample('full')).toMatchObject([{ pid: 4242 }]);
  });

  it('reads only young processes and opencode again', async () => {
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
    await finder.sample('full', startMs);
    world.pass(60_000);
    reads.length = 0;
    await finder.sample('known', world.nowMs);
    expect(reads).toEqual([4242]);
  });

  it('reads all processes again in a full sample, except kernel threads from boot', async () => {
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
    await finder.sample('full', startMs);
    world.pass(60_000);
    reads.length = 0;
    await finder.sample('full', world.nowMs);
    expect(reads).not.toContain(60);
    expect(reads).toEqual(expect.arrayContaining([61, 5000]));
  });

  it('ignores a fork of opencode that is about to run a tool', async () => {
    world.put(tui());
    world.put({ pid: 77, argv: ['sleep'], executable: '/bin/sleep' });
    await sample();
    world.pass(30_000);
    world.put(tui({ pid: 4243, parentPid: 4242, startedAtMs: world.nowMs }));
    expect((await sample('known')).map(({ pid }) => pid)).toEqual([4242]);
    world.pass(2000);
    expect((await sample('known')).map(({ pid }) => pid)).toEqual([4242, 4243]);
  });

  it('updates the position in the log between full samples', async () => {
    const files = [{ fd: 23, path: `${log}/opencode.log`, positionBytes: 100 }];
    world.put(tui({ files, startedAtMs: startMs - 60_000 }));
    await sample();
    world.pass(60_000);
    writeFileSync(join(world.root, '4242/fdinfo/23'), 'pos:\t250\nflags:\t0102001\n');
    expect((await sample('known'))[0]?.logs).toMatchObject([{ positionBytes: 250 }]);
  });

  it('reads no position again if the log was not written', async () => {
    const readPids: number[] = [];
    const proc = openProc(world.root);
    const finder = finderWith({
      positionBytes: (pid, fd) => {
        readPids.push(pid);
        return proc.positionBytes(pid, fd);
      },
    });
    const path = join(world.root, 'opencode/log/opencode.log');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'one\n');
    for (const pid of [4242, 4243]) {
      world.put(tui({ pid, files: [{ fd: 23, path, positionBytes: 4 }], startedAtMs: startMs - 60_000 }));
    }
    await finder.sample('full', startMs);
    world.pass(60_000);
    await finder.sample('known', world.nowMs);
    expect(readPids).toEqual([4242, 4243]);
    writeFileSync(path, 'one\ntwo\n');
    await finder.sample('known', world.nowMs);
    expect(readPids).toEqual([4242, 4243, 4242, 4243]);
  });

  it('lists the open files again when the log is closed', async () => {
    world.put(tui({ files: [{ fd: 23, path: `${log}/a.log` }], startedAtMs: startMs - 60_000 }));
    await sample();
    world.pass(60_000);
    world.put(tui({ files: [{ fd: 25, path: `${log}/b.log` }], startedAtMs: startMs - 60_000 }));
    expect((await sample('known'))[0]?.logs).toMatchObject([{ path: `${log}/b.log` }]);
  });

  it('returns the log even if its position cannot be read', async () => {
    world.put(tui({ files: [{ fd: 23, path: `${log}/opencode.log` }] }));
    rmSync(join(world.root, '4242/fdinfo'), { recursive: true });
    expect((await sample())[0]?.logs).toEqual([
      { readPath: `${log}/opencode.log`, path: `${log}/opencode.log`, deleted: false },
    ]);
  });

  it('drops a process that becomes another program', async () => {
    world.put(tui({ startedAtMs: startMs - 60_000 }));
    await sample();
    world.pass(60_000);
    world.put(tui({ argv: ['bash'], executable: '/bin/bash', startedAtMs: startMs - 60_000 }));
    expect(await sample('known')).toEqual([]);
  });

  it('returns the path of the descriptor for a deleted log', async () => {
    world.put(tui({ files: [{ fd: 25, path: `${log}/2026-11-22T143608.log (deleted)` }] }));
    const [process] = await sample();
    expect(process?.logs).toEqual([
      {
        readPath: join(world.root, '4242/fd/25'),
        path: `${log}/2026-11-22T143608.log`,
        deleted: true,
        positionBytes: 0,
      },
    ]);
  });

  it('recognises a database with any name by its open -wal file', async () => {
    const files = ['/data/work.db', '/data/work.db-wal', '/data/other.db'].map((path, at) => ({
      fd: 20 + at,
      path,
    }));
    world.put(tui({ files }));
    expect((await sample())[0]?.databases).toEqual(['/data/work.db']);
  });

  it('marks a process as an orphan in the next sample after its terminal was deleted', async () => {
    world.put(tui({ startedAtMs: startMs - 60_000 }));
    expect((await sample())[0]).toMatchObject({ orphan: false, tty: 'pts/3' });
    world.pass(60_000);
    const { tty: _gone, ...hungUp } = tui({ parentPid: 1, startedAtMs: startMs - 60_000 });
    world.put({ ...hungUp, files: [{ fd: 0, path: '/dev/pts/3 (deleted)' }] });
    const [orphan] = await sample('known');
    expect(orphan).toMatchObject({ orphan: true });
    expect(orphan?.tty).toBeUndefined();
  });

  it('does not mark a server without a terminal as an orphan', async () => {
    const { tty: _none, ...server } = tui({ argv: ['opencode', 'serve'], parentPid: 1 });
    world.put({ ...server, files: [{ fd: 0, path: '/dev/pts/3 (deleted)' }] });
    expect(await sample()).toMatchObject([{ kind: 'serve', orphan: false }]);
  });

  it('gives no parent opencode to a pane of a tmux server that a tool started', async () => {
    world.put(tui({ environment: { OPENCODE_PID: '4000' } }));
    expect((await sample())[0]?.startedByPid).toBeUndefined();
  });

  it('returns a process of another user, with a text about the missing parts', async () => {
    world.put(tui());
    const denied = () => ({ kind: 'denied', code: 'EACCES' }) as const;
    const finder = finderWith({
      executable: denied,
      workingDirectory: denied,
      descriptors: denied,
      environment: denied,
      userId: () => 1001,
    });
    const { samples } = await finder.sample('full', startMs);
    expect(samples.map(({ process }) => process)).toMatchInlineSnapshot(`
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

  it('drops only the process that ends during the sample', async () => {
    world.put(tui());
    world.put(tui({ pid: 4243 }));
    const proc = openProc(world.root);
    const finder = finderWith({
      workingDirectory: (pid) => {
        rmSync(join(world.root, '4243'), { recursive: true, force: true });
        return proc.workingDirectory(pid);
      },
    });
    const { samples, troubles } = await finder.sample('full', startMs);
    expect(samples.map(({ process }) => process.pid)).toEqual([4242]);
    expect(troubles).toEqual([]);
  });

  it('ignores a zombie', async () => {
    world.put(tui());
    await sample();
    writeFileSync(
      join(world.root, '4242/stat'),
      '4242 (opencode) Z 1 1 1 0 -1 0 0 0 0 0 5 5 0 0 20 0 1 0 999 0 0 0\n',
    );
    expect(await sample('known')).toEqual([]);
  });

  it('reads command lines with newlines, without a final NUL and of any length', async () => {
    world.put(tui({ argv: ['opencode', 'run', 'line one\nline two', ''] }));
    world.put(tui({ pid: 4243, argv: ['opencode', '-s', 'ses_2'] }));
    appendFileSync(join(world.root, '4243/cmdline'), 'x'.repeat(3_000_000));
    const [first, second] = await sample();
    expect(first?.args).toEqual(['run', 'line one\nline two']);
    expect(second?.args.slice(0, 2)).toEqual(['-s', 'ses_2']);
    expect(second?.args[2]?.length).toBeLessThan(300_000);
  });

  it('computes CPU percentages with the monotonic clock', async () => {
    world.put(tui({ cpuMs: 1000, startedAtMs: startMs - 60_000 }));
    await world.source.sample('full', startMs);
    world.pass(1000);
    world.put(tui({ cpuMs: 1500, startedAtMs: startMs - 60_000 }));
    const [process] = (await world.source.sample('known', startMs - 86_400_000)).processes;
    expect(process).toMatchObject({ cpuPercent: 50 });
  });

  it('reports a trouble if /proc can no longer be listed', async () => {
    world.put(tui());
    await sample();
    rmSync(world.root, { recursive: true });
    const reading = await world.source.sample('full', world.nowMs);
    expect(reading.troubles).toMatchObject([{ source: 'processes' }]);
    mkdirSync(world.root);
  });

  it('finds opencode behind a link with that name, after an upgrade, and run from source', async () => {
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
    expect((await sample()).map(({ pid, kind }) => `${pid} ${kind}`)).toEqual([
      '4242 tui',
      '4243 tui',
      '4244 serve',
    ]);
  });
});
