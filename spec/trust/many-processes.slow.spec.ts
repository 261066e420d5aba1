import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LinuxProcesses } from '../../lib/sources/process/linux.ts';
import { openProc, type Proc } from '../../lib/sources/process/proc.ts';
import { linuxWorld } from '../sources/process/fake-proc.ts';
import { startMs } from '../sources/process/world.ts';

let world: ReturnType<typeof linuxWorld>;
beforeEach(() => {
  world = linuxWorld();
});
afterEach(() => world.close());

/** Creates processes of other programs, with only the files that a poll reads. */
function addOtherProcesses(count: number): void {
  for (let pid = 10_000; pid < 10_000 + count; pid++) {
    const folder = join(world.root, String(pid));
    mkdirSync(folder);
    const fields = new Array<number>(45).fill(0);
    fields[17] = 1000;
    writeFileSync(join(folder, 'stat'), `${pid} (worker) S 1 ${pid} ${pid} 0 ${fields.join(' ')}\n`);
    writeFileSync(join(folder, 'cmdline'), 'worker\0');
  }
}

/** A finder, and a counter of its reads other than of the pid list. */
function countingFinder() {
  const counter = { reads: 0 };
  const proc = openProc(world.root);
  const countingProc = Object.fromEntries(
    Object.entries(proc).map(([name, read]) => [
      name,
      (...args: unknown[]) => {
        if (name !== 'pids') counter.reads += 1;
        return (read as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Proc;
  const monotonicMs = () => world.nowMs - startMs;
  return { counter, finder: new LinuxProcesses({ proc: countingProc, userId: 1000, monotonicMs }) };
}

describe('a machine with 5,000 processes', () => {
  it('has its few opencode processes found, and the others not read again at each tick', async () => {
    addOtherProcesses(5000);
    for (const pid of [4001, 4002, 4003])
      world.put({ pid, argv: ['opencode'], executable: '/usr/bin/opencode', cwd: '/srv', tty: 'pts/1' });
    const { finder, counter } = countingFinder();
    const pidsOf = async (extent: 'full' | 'known') =>
      (await finder.sample(extent, world.nowMs)).samples.map(({ process }) => process.pid);
    expect(await pidsOf('full')).toEqual([4001, 4002, 4003]);
    for (let second = 0; second < 15; second++) {
      world.pass(1000);
      expect(await pidsOf('known')).toEqual([4001, 4002, 4003]);
    }
    counter.reads = 0;
    world.pass(1000);
    expect(await pidsOf('known')).toEqual([4001, 4002, 4003]);
    expect(counter.reads).toBeLessThan(200);
  });
});
