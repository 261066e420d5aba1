import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import { type Invented, startMs, type World } from './world.ts';

const binary = '/home/u/.opencode/bin/opencode';
const share = '/home/u/.local/share/opencode';

// Above any real number, since ps-list asks the real /proc of the machine the specs run on.
const shell: Invented = { pid: 9_000_001, argv: ['-bash'], executable: '/bin/bash', cwd: '/home/u' };

function tui(more: Partial<Invented> = {}): Invented {
  return {
    pid: 9_000_010,
    parentPid: shell.pid,
    argv: ['opencode'],
    executable: binary,
    cwd: '/home/u/shop',
    ...more,
  };
}

/** What every way to find processes must do; `tty` is a terminal's name on that system. */
export function describeProcessSource(name: string, createWorld: () => World, tty: string): void {
  describe(`the processes of ${name}`, () => {
    let world: World;

    beforeEach(() => {
      world = createWorld();
      world.put(shell);
    });

    afterEach(() => {
      world.close();
    });

    const look = async (how: 'full' | 'known' = 'full'): Promise<readonly OpencodeProcess[]> =>
      (await world.source.sample(how, world.nowMs)).processes;

    const pids = async (how: 'full' | 'known' = 'full') => (await look(how)).map(({ pid }) => pid);

    it('shows a TUI with everything it holds open', async () => {
      const files = [
        { fd: 12, path: `${share}/opencode.db` },
        { fd: 13, path: `${share}/opencode.db-wal` },
        { fd: 14, path: `${share}/opencode.db` },
        { fd: 22, path: `${share}/log/opencode.log`, positionBytes: 0 },
        { fd: 23, path: `${share}/log/opencode.log`, positionBytes: 12_392 },
      ];
      const argv = ['opencode', '-s', 'ses_1'];
      world.put(tui({ argv, tty, files, rssBytes: 512 * 2 ** 20, startedAtMs: startMs - 600_000 }));

      const [process] = await look();
      expect(process).toMatchObject({
        pid: 9_000_010,
        parentPid: shell.pid,
        kind: 'tui',
        args: ['-s', 'ses_1'],
        startedAtMs: startMs - 600_000,
        cwd: '/home/u/shop',
        cwdText: '/home/u/shop',
        tty,
        orphan: false,
        rssBytes: 536_870_912,
        databases: [`${share}/opencode.db`],
        logs: [{ path: `${share}/log/opencode.log`, deleted: false, positionBytes: 12_392 }],
        ports: [],
        children: [],
        missing: [],
      });
    });

    it('counts the binary below the npm wrapper once', async () => {
      const wrapper = { pid: 9_000_020, argv: ['node', '/usr/bin/opencode'], executable: '/usr/bin/node' };
      const hidden = '/usr/lib/node_modules/opencode-ai/bin/.opencode';
      world.put(wrapper);
      world.put(tui({ pid: 9_000_021, parentPid: wrapper.pid, argv: [hidden], executable: hidden }));
      expect(await pids()).toEqual([9_000_021]);
    });

    it('passes over what only looks like opencode', async () => {
      world.put({ pid: 9_000_030, argv: ['vim', 'opencode'], executable: '/usr/bin/vim' });
      world.put({ pid: 9_000_031, argv: ['grep', '-r', 'opencode'], executable: '/bin/grep' });
      world.put({ pid: 9_000_032, argv: ['/bin/bash', '/home/u/bin/opencode'], executable: '/bin/bash' });
      world.put({ pid: 9_000_033, argv: ['opencode-notifier'], executable: '/home/u/bin/opencode-notifier' });
      world.put(tui({ pid: 9_000_034, argv: ['opencode', 'models'] }));
      world.put(tui({ pid: 9_000_035, argv: ['opencode', 'auth', 'login'] }));
      expect(await pids()).toEqual([]);
    });

    it('shows a server with the port it listens on', async () => {
      world.put(tui({ argv: ['opencode', 'serve', '--port', '0'], listensOn: 39_703 }));
      expect(await look()).toMatchObject([{ kind: 'serve', ports: [39_703] }]);
    });

    it('shows the running children of a process', async () => {
      world.put(tui());
      world.put({ pid: 9_000_011, parentPid: 9_000_010, argv: ['sleep', '8'], executable: '/bin/sleep' });
      const [process] = await look();
      expect(process?.children).toMatchObject([{ pid: 9_000_011, command: 'sleep 8' }]);
    });

    it('says which opencode started another one by its shell tool', async () => {
      world.put(tui({ tty }));
      const environment = { OPENCODE_PID: '9000010' };
      world.put({ pid: 9_000_011, parentPid: 9_000_010, argv: ['bash', '-c', 'x'], executable: '/bin/bash' });
      world.put(
        tui({ pid: 9_000_012, parentPid: 9_000_011, argv: ['opencode', 'run', 'fix it'], environment }),
      );
      const [outer, inner] = await look();
      expect(outer?.startedByPid).toBeUndefined();
      expect(inner).toMatchObject({ kind: 'run', startedByPid: 9_000_010 });
    });

    it('calls a TUI an orphan that has lost its terminal and its parent', async () => {
      world.put(tui({ parentPid: 1 }));
      world.put(tui({ pid: 9_000_011, tty }));
      expect((await look()).map(({ orphan }) => orphan)).toEqual([true, false]);
    });

    it('finds a new process, and drops one that ended, others untouched', async () => {
      world.put(tui());
      world.put(tui({ pid: 9_000_011 }));
      expect(await pids()).toEqual([9_000_010, 9_000_011]);
      world.put(tui({ pid: 9_000_012 }));
      expect(await pids()).toEqual([9_000_010, 9_000_011, 9_000_012]);
      world.end(9_000_011);
      expect(await pids('known')).toEqual([9_000_010, 9_000_012]);
      world.end(9_000_010);
      world.end(9_000_012);
      expect(await pids('known')).toEqual([]);
    });

    it('takes a number that is used again for another process', async () => {
      world.put(tui({ cpuMs: 50_000 }));
      await look();
      world.pass(10_000);
      world.put(tui({ startedAtMs: startMs + 8_000, cpuMs: 200 }));
      const [process] = await look();
      expect(process).toMatchObject({ startedAtMs: startMs + 8_000 });
      expect(process?.cpuPercent).toBeUndefined();
    });

    it('gives the processor rate from the second look on, over the time between them', async () => {
      world.put(tui({ cpuMs: 1000 }));
      const [first] = await look();
      world.pass(2000);
      world.put(tui({ cpuMs: 2500 }));
      const [second] = await look('known');
      world.pass(2000);
      const [third] = await look('known');
      expect([first, second, third].map((process) => process?.cpuPercent)).toEqual([undefined, 75, 0]);
    });

    it('keeps the start time from look to look', async () => {
      world.put(tui({ startedAtMs: startMs - 5000 }));
      const [first] = await look();
      world.pass(4000);
      const [second] = await look('known');
      expect(second?.startedAtMs).toBe(first?.startedAtMs);
    });

    it('lets no control character of a directory or a command through', async () => {
      world.put(tui({ cwd: '/home/u/a\x1b[31mb' }));
      world.put({
        pid: 9_000_011,
        parentPid: 9_000_010,
        argv: ['printf', '\x1b]2;x\x07'],
        executable: '/bin/printf',
      });
      const [process] = await look();
      expect(process?.cwd).toBe('/home/u/a\x1b[31mb');
      expect(`${process?.cwdText}${process?.children[0]?.command}`).not.toMatch(/[\x00-\x1f]/);
    });
  });
}
