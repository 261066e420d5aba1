import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import { type Invented, startMs, type World } from './world.ts';

const binary = '/home/u/.opencode/bin/opencode';
const share = '/home/u/.local/share/opencode';

// The pids are higher than real ones, because ps-list also reads the real /proc of the machine.
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

/** The specs that every platform's process source must pass; `tty` is the name of a terminal on that system. */
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

    const sample = async (scope: 'full' | 'known' = 'full'): Promise<readonly OpencodeProcess[]> =>
      (await world.source.sample(scope, world.nowMs)).processes;

    const pids = async (scope: 'full' | 'known' = 'full') => (await sample(scope)).map(({ pid }) => pid);

    it('contain a TUI with all its open files', async () => {
      const files = [
        { fd: 12, path: `${share}/opencode.db` },
        { fd: 13, path: `${share}/opencode.db-wal` },
        { fd: 14, path: `${share}/opencode.db` },
        { fd: 22, path: `${share}/log/opencode.log`, positionBytes: 0 },
        { fd: 23, path: `${share}/log/opencode.log`, positionBytes: 12_392 },
      ];
      const argv = ['opencode', '-s', 'ses_1'];
      world.put(tui({ argv, tty, files, rssBytes: 512 * 2 ** 20, startedAtMs: startMs - 600_000 }));

      const [process] = await sample();
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

    it('contain the binary below the npm wrapper, but not the wrapper', async () => {
      const wrapper = { pid: 9_000_020, argv: ['node', '/usr/bin/opencode'], executable: '/usr/bin/node' };
      const hidden = '/usr/lib/node_modules/opencode-ai/bin/.opencode';
      world.put(wrapper);
      world.put(tui({ pid: 9_000_021, parentPid: wrapper.pid, argv: [hidden], executable: hidden }));
      expect(await pids()).toEqual([9_000_021]);
    });

    it('contain opencode 2 by all its names, and not its commands without a session', async () => {
      const names = ['/usr/bin/opencode2', '/usr/bin/lildax', '/opt/OpenCode/cli/2.3.2/opencode-cli'];
      for (const [index, executable] of names.entries()) {
        world.put(
          tui({ pid: 9_000_040 + index, argv: [executable, 'serve', '--service'], executable, parentPid: 1 }),
        );
      }
      world.put(tui({ pid: 9_000_050, argv: ['opencode', 'service', 'start'] }));
      world.put(tui({ pid: 9_000_051, argv: ['opencode', 'api', 'GET', '/api/session'] }));
      expect((await sample()).map(({ pid, kind }) => [pid, kind])).toEqual([
        [9_000_040, 'serve'],
        [9_000_041, 'serve'],
        [9_000_042, 'serve'],
      ]);
    });

    it('contain no programs that only look like opencode', async () => {
      world.put({ pid: 9_000_030, argv: ['vim', 'opencode'], executable: '/usr/bin/vim' });
      world.put({ pid: 9_000_031, argv: ['grep', '-r', 'opencode'], executable: '/bin/grep' });
      world.put({ pid: 9_000_032, argv: ['/bin/bash', '/home/u/bin/opencode'], executable: '/bin/bash' });
      world.put({ pid: 9_000_033, argv: ['opencode-notifier'], executable: '/home/u/bin/opencode-notifier' });
      world.put(tui({ pid: 9_000_034, argv: ['opencode', 'models'] }));
      world.put(tui({ pid: 9_000_035, argv: ['opencode', 'auth', 'login'] }));
      expect(await pids()).toEqual([]);
    });

    it('contain a server with the port that it listens on', async () => {
      world.put(tui({ argv: ['opencode', 'serve', '--port', '0'], listensOn: 39_703 }));
      expect(await sample()).toMatchObject([{ kind: 'serve', ports: [39_703] }]);
    });

    it('contain the running children of a process', async () => {
      world.put(tui());
      world.put({ pid: 9_000_011, parentPid: 9_000_010, argv: ['sleep', '8'], executable: '/bin/sleep' });
      const [process] = await sample();
      expect(process?.children).toMatchObject([{ pid: 9_000_011, command: 'sleep 8' }]);
    });

    it('name the opencode that started another one with its shell tool', async () => {
      world.put(tui({ tty }));
      const environment = { OPENCODE_PID: '9000010' };
      world.put({ pid: 9_000_011, parentPid: 9_000_010, argv: ['bash', '-c', 'x'], executable: '/bin/bash' });
      world.put(
        tui({ pid: 9_000_012, parentPid: 9_000_011, argv: ['opencode', 'run', 'fix it'], environment }),
      );
      const [outer, inner] = await sample();
      expect(outer?.startedByPid).toBeUndefined();
      expect(inner).toMatchObject({ kind: 'run', startedByPid: 9_000_010 });
    });

    it('mark a TUI without terminal and parent as an orphan', async () => {
      world.put(tui({ parentPid: 1 }));
      world.put(tui({ pid: 9_000_011, tty }));
      expect((await sample()).map(({ orphan }) => orphan)).toEqual([true, false]);
    });

    it('gain a new process and lose an ended one, while the others stay', async () => {
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

    it('treat a reused pid as another process', async () => {
      world.put(tui({ cpuMs: 50_000 }));
      await sample();
      world.pass(10_000);
      world.put(tui({ startedAtMs: startMs + 8_000, cpuMs: 200 }));
      const [process] = await sample();
      expect(process).toMatchObject({ startedAtMs: startMs + 8_000 });
      expect(process?.cpuPercent).toBeUndefined();
    });

    it('have a CPU percentage from the second sample on, over the time between the samples', async () => {
      world.put(tui({ cpuMs: 1000 }));
      const [first] = await sample();
      world.pass(2000);
      world.put(tui({ cpuMs: 2500 }));
      const [second] = await sample('known');
      world.pass(2000);
      const [third] = await sample('known');
      expect([first, second, third].map((process) => process?.cpuPercent)).toEqual([undefined, 75, 0]);
    });

    it('keep their start time from sample to sample', async () => {
      world.put(tui({ startedAtMs: startMs - 5000 }));
      const [first] = await sample();
      world.pass(4000);
      const [second] = await sample('known');
      expect(second?.startedAtMs).toBe(first?.startedAtMs);
    });

    it('have display texts without control characters of directories and commands', async () => {
      world.put(tui({ cwd: '/home/u/a\x1b[31mb' }));
      world.put({
        pid: 9_000_011,
        parentPid: 9_000_010,
        argv: ['printf', '\x1b]2;x\x07'],
        executable: '/bin/printf',
      });
      const [process] = await sample();
      expect(process?.cwd).toBe('/home/u/a\x1b[31mb');
      expect(`${process?.cwdText}${process?.children[0]?.command}`).not.toMatch(/[\x00-\x1f]/);
    });
  });
}
