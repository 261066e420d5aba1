import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { endProcess, type ProcessControl } from '../../../lib/dashboard/desktop/end-process.ts';
import { presentProcess } from '../../../lib/sources/process/present.ts';
import { eventOf, shortPause } from '../../support/wait.ts';

const machine = () => ({ platform: process.platform, procRoot: '/proc', nowMs: Date.now() });
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts a process with this script and resolves to its pid once it is ready. */
async function start(script: string): Promise<number> {
  const child = spawn(process.execPath, [
    '-e',
    `${script}; setInterval(() => {}, 1e6); console.log('ready')`,
  ]);
  children.push(child);
  await eventOf(child.stdout, 'data');
  return child.pid ?? 0;
}

function control(some: Partial<ProcessControl> = {}): ProcessControl & { readonly sent: string[] } {
  const sent: string[] = [];
  return {
    sent,
    find: (pid) => presentProcess(pid, machine()),
    kill: (pid, signal) => {
      sent.push(signal);
      process.kill(pid, signal);
    },
    userId: process.getuid?.(),
    pause: shortPause,
    ...some,
  };
}

async function seen(pid: number): Promise<{ pid: number; startedAtMs?: number }> {
  const startedAtMs = (await presentProcess(pid, machine()))?.startedAtMs;
  return { pid, ...(startedAtMs !== undefined && { startedAtMs }) };
}

describe('ending a process', () => {
  it('sends SIGTERM and says that the process has ended', async () => {
    const pid = await start('');
    const system = control();
    expect(await endProcess(await seen(pid), 'SIGTERM', system)).toBe(`pid ${pid} has ended`);
    expect(system.sent).toEqual(['SIGTERM']);
  });

  it('says that a process ignores SIGTERM, and ends it with SIGKILL', async () => {
    const pid = await start("process.on('SIGTERM', () => {})");
    const target = await seen(pid);
    expect(await endProcess(target, 'SIGTERM', control())).toBe(
      `pid ${pid} still runs 3 s after SIGTERM; F9 again offers SIGKILL`,
    );
    expect(await endProcess(target, 'SIGKILL', control())).toBe(`pid ${pid} has ended`);
  });

  it('sends nothing to another process with the same pid', async () => {
    const pid = await start('');
    const { startedAtMs = 0 } = await seen(pid);
    const system = control();
    const before = { pid, startedAtMs: startedAtMs - 60_000 };
    expect(await endProcess(before, 'SIGTERM', system)).toBe(
      `pid ${pid} now belongs to another process: nothing was done`,
    );
    expect(await endProcess({ pid }, 'SIGTERM', system)).toContain('nothing was done');
    expect(system.sent).toEqual([]);
  });

  it("sends nothing to another user's process, or to one that is gone", async () => {
    const pid = await start('');
    const system = control({ userId: 4_000_000 });
    expect(await endProcess(await seen(pid), 'SIGKILL', system)).toBe(
      `pid ${pid} belongs to another user: nothing was done`,
    );
    const gone = control({ find: async () => undefined });
    expect(await endProcess(await seen(pid), 'SIGKILL', gone)).toBe(`pid ${pid} had ended already`);
    expect([...system.sent, ...gone.sent]).toEqual([]);
  });

  it('reports the error of the system', async () => {
    const pid = await start('');
    const system = control({
      kill: () => {
        throw new Error('kill EPERM');
      },
    });
    expect(await endProcess(await seen(pid), 'SIGTERM', system)).toBe(`pid ${pid} was not ended: kill EPERM`);
  });
});
