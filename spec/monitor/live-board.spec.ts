import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Board } from '../../lib/domain/board/board.ts';
import { type LiveBoard, startLiveBoard } from '../../lib/monitor/live-board.ts';
import type { Monitor } from '../../lib/monitor/monitor.ts';
import { type OpenMonitor, openMonitor } from '../../lib/monitor/open-monitor.ts';
import { takeFirstBoard } from '../../lib/monitor/take-board.ts';
import { type Clock, systemClock } from '../../lib/system/clock.ts';
import type { Context } from '../../lib/system/context.ts';
import { type HandClock, handClock } from '../support/clock.ts';

/** So long that no tick falls into a spec: what is seen then, a file event told. */
const neverMs = 3_600_000;
/** The fleet's first quarter of a minute is still: the clock leaps over it. */
const leapMs = 15_000;
let leaptMs = 0;
const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + leaptMs };
/** The fleet asks for the time more often than it has plans, so it sees the leap. */
const fleetClock: Clock = { ...clock, after: (delayMs, run) => clock.after(Math.min(delayMs, 50), run) };
let home: string;
let open: OpenMonitor;
let live: LiveBoard | undefined;

beforeEach(async () => {
  leaptMs = 0;
  home = mkdtempSync(join(tmpdir(), 'otop-live-'));
  const context: Context = {
    env: {},
    homeDir: home,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock: fleetClock,
  };
  open = await openMonitor({ demo: true, seed: 5, all: true, color: true, mouse: true }, context, true);
});

afterEach(() => {
  live?.stop();
  open.monitor.close();
  rmSync(home, { recursive: true, force: true });
});

const words = (board: Board) =>
  board.rows.map(({ key, state, session }) => `${key} ${state.name} ${session?.activeAtMs}`).join('\n');

describe('the live Board', () => {
  it('follows the databases and logs by file events alone', async () => {
    const first = words(await takeFirstBoard(open.monitor, clock.nowMs()));
    const changed = await new Promise<Board>((resolve, reject) => {
      const onBoard = (board: Board) => words(board) !== first && resolve(board);
      live = startLiveBoard(open.monitor, { clock }, { tickMs: neverMs, onBoard, onError: reject });
      leaptMs = leapMs;
    });
    expect(changed.rows.length).toBeGreaterThan(10);
    expect(changed.troubles).toEqual([]);
  });

  it('gives one Board for any number of wishes in one turn, and none after its end', async () => {
    await takeFirstBoard(open.monitor, clock.nowMs());
    const boards: Board[] = [];
    const wished = new Promise<void>((resolve, reject) => {
      const onBoard = (board: Board) => {
        boards.push(board);
        live?.stop();
        resolve();
      };
      live = startLiveBoard(open.monitor, { clock }, { tickMs: neverMs, onBoard, onError: reject });
      for (let wish = 0; wish < 100; wish++) live.rebuild();
    });
    await wished;
    live?.rebuild();
    await new Promise((resolve) => setImmediate(resolve));
    expect(boards).toHaveLength(1);
  });

  it('looks at everything when asked to', async () => {
    const before = clock.nowMs();
    const board = await new Promise<Board>((resolve, reject) => {
      // The first Board may come of a look at the sessions alone.
      const onBoard = (next: Board) =>
        next.rows.some(({ process }) => process !== undefined) && resolve(next);
      live = startLiveBoard(open.monitor, { clock }, { tickMs: neverMs, onBoard, onError: reject });
      live.refresh();
    });
    expect(board.atMs).toBeGreaterThanOrEqual(before);
    expect(board.rows.filter(({ process }) => process !== undefined).length).toBeGreaterThan(10);
  });
});

describe('the pace of the live Board', () => {
  /** Looks as they come: the name, at the second. */
  async function looksOf(
    events: (tell: (at: 'live') => void, turn: HandClock) => Promise<void>,
    isBusy: () => boolean,
  ) {
    const turn = handClock();
    const looks: string[] = [];
    let tell: (() => void) | undefined;
    const note = (name: string) => void looks.push(`${name} ${turn.monotonicMs() / 1000}`);
    const monitor: Partial<Monitor> = {
      refresh: async ({ processes }) => {
        if (processes) note(processes);
      },
      board: () => ({ troubles: [] }) as unknown as Board,
      watchPaths: () => ({ sessions: [], logs: [] }),
      listenLive: (onChange) => {
        tell = onChange;
      },
    };
    Object.defineProperty(monitor, 'isBusy', { get: isBusy });
    const started = startLiveBoard(
      monitor as Monitor,
      { clock: turn },
      { tickMs: 1000, onBoard: () => undefined, onError: rethrow },
    );
    await events(() => tell?.(), turn);
    started.stop();
    return looks;
  }
  const rethrow = (error: unknown) => {
    throw error;
  };

  it('is a third as fast after ten seconds in which nothing was written and nothing at work', async () => {
    const looks = await looksOf(
      (_tell, turn) => turn.advance(20_500),
      () => false,
    );
    expect(looks.slice(8)).toEqual(['known 9', 'known 10', 'full 11', 'known 14', 'known 17', 'known 20']);
  });

  it('stays as it is while a process is at work', async () => {
    const looks = await looksOf(
      (_tell, turn) => turn.advance(14_500),
      () => true,
    );
    expect(looks).toHaveLength(14);
  });

  it('looks once more, and no more, after a process was at work for one look', async () => {
    let looked = 0;
    const looks = await looksOf(
      (_tell, turn) => turn.advance(21_500),
      () => {
        looked += 1;
        return looked === 12;
      },
    );
    expect(looks.slice(9)).toEqual(['known 10', 'full 11', 'known 14', 'known 15', 'known 18', 'known 21']);
  });

  it('looks at the processes at once when something happens after a rest', async () => {
    const looks = await looksOf(
      async (tell, turn) => {
        await turn.advance(13_500);
        tell('live');
        await turn.advance(1000);
      },
      () => false,
    );
    expect(looks.slice(10)).toEqual(['full 11', 'full 13.515']);
  });

  it('takes an event in the second half of a tick for the tick', async () => {
    const looks = await looksOf(
      async (tell, turn) => {
        for (let half = 0; half < 8; half += 1) {
          await turn.advance(600);
          tell('live');
        }
      },
      () => false,
    );
    expect(looks.length).toBeLessThan(8);
    expect(looks.every((look) => !/ \d+$/.test(look))).toBe(true);
  });
});
