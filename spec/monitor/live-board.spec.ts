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
import { emptyMachine } from '../support/machine.ts';
import { within } from '../support/wait.ts';

/** So long that no tick happens during a spec: only file events cause polls. */
const neverMs = 3_600_000;
/** Nothing happens in the fleet's first 15 seconds, so the clock skips them. */
const skipMs = 15_000;
let skippedMs = 0;
const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + skippedMs };
/** Limits the fleet's timers to 50 ms, so that the fleet notices the skip. */
const fleetClock: Clock = { ...clock, after: (delayMs, run) => clock.after(Math.min(delayMs, 50), run) };
let home: string;
let open: OpenMonitor;
let live: LiveBoard | undefined;

beforeEach(async () => {
  skippedMs = 0;
  home = mkdtempSync(join(tmpdir(), 'otop-live-'));
  const context: Context = {
    env: {},
    homeDir: home,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock: fleetClock,
    machine: emptyMachine,
  };
  open = await openMonitor({ demo: true, seed: 5, all: true, color: true, mouse: true }, context, true);
});

afterEach(() => {
  live?.stop();
  open.monitor.close();
  rmSync(home, { recursive: true, force: true });
});

const waitFor = <T = Board>(...[executor]: ConstructorParameters<typeof Promise<T>>) =>
  within('a Board', new Promise<T>(executor));
const words = (board: Board) =>
  board.rows.map(({ key, state, session }) => `${key} ${state.name} ${session?.activeAtMs}`).join('\n');

describe('the live Board', () => {
  it('follows the databases and logs by file events alone', async () => {
    const first = words(await takeFirstBoard(open.monitor, clock.nowMs()));
    const changed = await waitFor((resolve, reject) => {
      const onBoard = (board: Board) => words(board) !== first && resolve(board);
      live = startLiveBoard(open.monitor, { clock }, { tickMs: neverMs, onBoard, onError: reject });
      skippedMs = skipMs;
    });
    expect(changed.rows.length).toBeGreaterThan(10);
    expect(changed.troubles).toEqual([]);
  });

  it('emits one Board for any number of requests in one turn, and none after it is stopped', async () => {
    await takeFirstBoard(open.monitor, clock.nowMs());
    const boards: Board[] = [];
    const wished = waitFor<void>((resolve, reject) => {
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

  it('polls everything on request', async () => {
    const before = clock.nowMs();
    const board = await waitFor((resolve, reject) => {
      // The first Board may come from a poll of the sessions alone.
      const onBoard = (next: Board) =>
        next.rows.some(({ process }) => process !== undefined) && resolve(next);
      live = startLiveBoard(open.monitor, { clock }, { tickMs: neverMs, onBoard, onError: reject });
      live.refresh();
    });
    expect(board.atMs).toBeGreaterThanOrEqual(before);
    expect(board.rows.filter(({ process }) => process !== undefined).length).toBeGreaterThan(10);
  });
});

describe('the poll rate of the live Board', () => {
  /** Collects process polls as they happen: their extent and the second. */
  async function pollsOf(
    events: (emit: (at: 'live') => void, turn: HandClock) => Promise<void>,
    isBusy: () => boolean,
  ) {
    const turn = handClock();
    const polls: string[] = [];
    let emit: (() => void) | undefined;
    const note = (name: string) => void polls.push(`${name} ${turn.monotonicMs() / 1000}`);
    const monitor: Partial<Monitor> = {
      refresh: async ({ processes }) => {
        if (processes) note(processes);
      },
      board: () => ({ troubles: [] }) as unknown as Board,
      watchPaths: () => ({ sessions: [], logs: [] }),
      listenLive: (onChange) => {
        emit = onChange;
      },
    };
    Object.defineProperty(monitor, 'isBusy', { get: isBusy });
    const started = startLiveBoard(
      monitor as Monitor,
      { clock: turn },
      { tickMs: 1000, onBoard: () => undefined, onError: rethrow },
    );
    await events(() => emit?.(), turn);
    started.stop();
    return polls;
  }
  const rethrow = (error: unknown) => {
    throw error;
  };

  it('falls to a third after ten seconds without file events and busy processes', async () => {
    const polls = await pollsOf(
      (_tell, turn) => turn.advance(20_500),
      () => false,
    );
    expect(polls.slice(8)).toEqual(['known 9', 'known 10', 'full 11', 'known 14', 'known 17', 'known 20']);
  });

  it('stays the same while a process is busy', async () => {
    const polls = await pollsOf(
      (_tell, turn) => turn.advance(14_500),
      () => true,
    );
    expect(polls).toHaveLength(14);
  });

  it('rises for one poll only if a process was busy in a single poll', async () => {
    let reads = 0;
    const polls = await pollsOf(
      (_tell, turn) => turn.advance(21_500),
      () => {
        reads += 1;
        return reads === 12;
      },
    );
    expect(polls.slice(9)).toEqual(['known 10', 'full 11', 'known 14', 'known 15', 'known 18', 'known 21']);
  });

  it('polls the processes at once on an event after a rest', async () => {
    const polls = await pollsOf(
      async (emit, turn) => {
        await turn.advance(13_500);
        emit('live');
        await turn.advance(1000);
      },
      () => false,
    );
    expect(polls.slice(10)).toEqual(['full 11', 'full 13.515']);
  });

  it('merges an event in the second half of a tick interval with the tick', async () => {
    const polls = await pollsOf(
      async (emit, turn) => {
        for (let half = 0; half < 8; half += 1) {
          await turn.advance(600);
          emit('live');
        }
      },
      () => false,
    );
    expect(polls.length).toBeLessThan(8);
    expect(polls.every((poll) => !/ \d+$/.test(poll))).toBe(true);
  });
});
