import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { type Ender, endProcess } from '../../../lib/dashboard/desktop/end-process.ts';
import { presentProcess } from '../../../lib/sources/process/present.ts';

const machine = () => ({ platform: process.platform, procRoot: '/proc', nowMs: Date.now() });
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that says when it is ready. */
async function start(script: string): Promise<number> {
  const child = spawn(process.execPath, [
    '-e',
    `${script}; setInterval(() => {}, 1e6); console.log('ready')`,
  ]);
  children.push(child);
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

function ender(some: Partial<Ender> = {}): Ender & { readonly sent: string[] } {
  const sent: string[] = [];
  return {
    sent,
    look: (pid) => presentProcess(pid, machine()),
    kill: (pid, signal) => {
      sent.push(signal);
      process.kill(pid, signal);
    },
    userId: process.getuid?.(),
    pause: () => new Promise((resolve) => setTimeout(resolve, 10)),
    ...some,
  };
}

async function seen(pid: number): Promise<{ pid: number; startedAtMs?: number }> {
  const startedAtMs = (await presentProcess(pid, machine()))?.startedAtMs;
  return { pid, ...(startedAtMs !== undefined && { startedAtMs }) };
}

describe('ending a process', () => {
  it('asks it to end and says that it did', async () => {
    const pid = await start('');
    const system = ender();
    expect(await endProcess(await seen(pid), 'SIGTERM', system)).toBe(`pid ${pid} has ended`);
    expect(system.sent).toEqual(['SIGTERM']);
  });

  it('says that it still runs where it does not listen, and ends it by force', async () => {
    const pid = await start("process.on('SIGTERM', () => {})");
    const target = await seen(pid);
    expect(await endProcess(target, 'SIGTERM', ender())).toBe(
      `pid ${pid} still runs 3 s after SIGTERM; F9 again offers SIGKILL`,
    );
    expect(await endProcess(target, 'SIGKILL', ender())).toBe(`pid ${pid} has ended`);
  });

  it('sends nothing to another process of the same number', async () => {
    const pid = await start('');
    const { startedAtMs = 0 } = await seen(pid);
    const system = ender();
    const before = { pid, startedAtMs: startedAtMs - 60_000 };
    expect(await endProcess(before, 'SIGTERM', system)).toBe(
      `pid ${pid} is another process by now: nothing was done`,
    );
    expect(await endProcess({ pid }, 'SIGTERM', system)).toContain('nothing was done');
    expect(system.sent).toEqual([]);
  });

  it("sends nothing to someone else's process, nor to one that is gone", async () => {
    const pid = await start('');
    const system = ender({ userId: 4_000_000 });
    expect(await endProcess(await seen(pid), 'SIGKILL', system)).toBe(
      `pid ${pid} belongs to another user: nothing was done`,
    );
    const gone = ender({ look: async () => undefined });
    expect(await endProcess(await seen(pid), 'SIGKILL', gone)).toBe(`pid ${pid} had ended already`);
    expect([...system.sent, ...gone.sent]).toEqual([]);
  });

  it('says what the system says', async () => {
    const pid = await start('');
    const system = ender({
      kill: () => {
        throw new Error('kill EPERM');
      },
    });
    expect(await endProcess(await seen(pid), 'SIGTERM', system)).toBe(`pid ${pid} was not ended: kill EPERM`);
  });
});
