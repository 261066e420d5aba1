import { describe, expect, it, vi } from 'vitest';
import { startLiveBoard } from '../../lib/monitor/live-board.ts';
import type { Monitor, RefreshRequest } from '../../lib/monitor/monitor.ts';
import { systemClock } from '../../lib/system/clock.ts';
import { filesystemProbe } from '../../lib/system/filesystem-probe.ts';
import { board } from '../support/board.ts';
import { type HandClock, handClock } from '../support/clock.ts';
import { runCommandIn } from '../support/command.ts';

const ext4 = 0xef53;
const nfs = 0x6969;

/** Folders on a network whose server can be stopped. */
function network(clock: HandClock) {
  const asked: string[] = [];
  let waiting: (() => void)[] | undefined;
  const probe = filesystemProbe(['/home/u', '/data', '/home/u', '/none'], {
    monotonicMs: clock.monotonicMs,
    after: clock.after,
    async fileSystemOf(path) {
      asked.push(path);
      if (path === '/none') throw new Error('ENOENT');
      if (path === '/data') return ext4;
      const answered = new Promise<void>((answer) => {
        if (waiting) waiting.push(answer);
        else answer();
      });
      await answered;
      return nfs;
    },
  });
  return {
    probe,
    asked,
    stop: () => {
      waiting = [];
    },
    go: () => {
      for (const answer of waiting ?? []) answer();
      waiting = undefined;
    },
  };
}

/** Advances the clock and returns the promise. */
async function afterAdvance(clock: HandClock, ms: number, answer: Promise<boolean>): Promise<boolean> {
  await clock.advance(ms);
  return answer;
}

describe('the filesystem probe', () => {
  it('calls network file systems each time, and local ones only once', async () => {
    const clock = handClock();
    const { probe, asked } = network(clock);
    for (let look = 0; look < 3; look++) expect(await probe.answers(1000)).toBe(true);
    expect(asked).toEqual(['/home/u', '/data', '/none', '/home/u', '/home/u']);
    expect([probe.mayRead(), probe.trouble(), clock.pendingCount]).toEqual([true, undefined, 0]);
  });

  it('names the folder that does not respond and for how long, calls no other meanwhile, and recovers', async () => {
    const clock = handClock();
    const { probe, asked, stop, go } = network(clock);
    await probe.answers(1000);
    stop();
    expect(await afterAdvance(clock, 1500, probe.answers(1500))).toBe(false);
    for (let look = 0; look < 5; look++)
      expect(await afterAdvance(clock, 1500, probe.answers(1500))).toBe(false);
    expect(asked).toEqual(['/home/u', '/data', '/none', '/home/u']);
    expect(probe.mayRead()).toBe(false);
    expect(probe.trouble()?.text).toBe('/home/u has not answered for 9s: otop shows its last known state');
    go();
    expect(await probe.answers(1500)).toBe(true);
    expect([probe.mayRead(), probe.trouble()]).toEqual([true, undefined]);
  });

  it('skips polls while a file system does not respond; Boards continue and say why', async () => {
    const clock = handClock();
    const { probe, stop, go } = network(clock);
    let looks = 0;
    const look = () => {
      looks += 1;
    };
    const monitor = {
      refresh: async ({ processes }: RefreshRequest) => {
        if (processes) look();
      },
      listenLive: () => undefined,
      isCatchingUp: false,
      watchPaths: () => ({ sessions: [], logs: [] }),
      board: () => board([]),
    } as unknown as Monitor;
    const troubles: (string | undefined)[] = [];
    const live = startLiveBoard(
      monitor,
      { clock, filesystem: probe },
      {
        tickMs: 1000,
        onBoard: (next) => troubles.push(next.troubles[0]?.text),
        onError: (error) => {
          throw error;
        },
      },
    );
    await clock.advance(3100);
    expect(looks).toBe(3);
    stop();
    await clock.advance(10_000);
    expect(looks).toBe(3);
    expect(troubles.at(-1)).toMatch(/^\/home\/u has not answered for \ds: /);
    go();
    await clock.advance(3100);
    live.stop();
    expect(looks).toBeGreaterThan(4);
    expect(troubles.at(-1)).toBeUndefined();
  });

  it('is not used by commands that read none of the user’s files', async () => {
    const waits = vi.spyOn(systemClock, 'after');
    for (const args of [['help', 'sessions'], ['man'], ['completions', 'bash']])
      expect((await runCommandIn(args, { HOME: '/' })).code).toBe(0);
    expect(waits).not.toHaveBeenCalled();
    await runCommandIn(['config'], { HOME: '/' });
    expect(waits).toHaveBeenCalled();
    waits.mockRestore();
  });
});
