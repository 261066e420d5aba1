import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openMonitor } from '../../lib/monitor/open-monitor.ts';
import { takeStates } from '../../lib/monitor/take-board.ts';
import type { Context } from '../../lib/system/context.ts';
import { type HandClock, handClock } from '../support/clock.ts';
import { emptyMachine } from '../support/machine.ts';
import { OpencodeDatabase } from '../support/opencode-database.ts';
import { until } from '../support/wait.ts';

let home: string;
let clock: HandClock;
let context: Context;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-take-'));
  clock = handClock(Date.now());
  const { stdin, stdout, stderr } = process;
  context = { env: {}, homeDir: home, machine: emptyMachine, stdin, stdout, stderr, clock };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function states(db: string, meanwhile?: () => Promise<void>) {
  const { monitor } = await openMonitor({ db, all: true, color: true, mouse: true }, context, false);
  try {
    const refresh = vi.spyOn(monitor, 'refresh');
    const board = takeStates(monitor, context, { isFiltered: false, sums: false });
    await meanwhile?.();
    const { rows, troubles } = await board;
    const requested = refresh.mock.calls.map(([{ sessions }]) => sessions);
    expect(new Set(requested)).toEqual(new Set(['states']));
    const titles = rows.flatMap(({ session }) => session?.title ?? []);
    return { titles, troubles: troubles.map(({ text }) => text.replaceAll(home, 'HOME')) };
  } finally {
    monitor.close();
  }
}

describe('taking states for a status bar', () => {
  // None of these reads tokens per minute. The clock stands still, so a wait on it would never end.
  it('does not wait for a database that is missing or is not a database', async () => {
    const broken = join(home, 'broken.db');
    writeFileSync(broken, 'no database at all '.repeat(500));
    expect((await states(join(home, 'none.db'))).troubles).toHaveLength(1);
    expect((await states(broken)).troubles).toHaveLength(1);
  });

  it('waits a moment for a database that is being created', async () => {
    const path = join(home, 'opencode.db');
    writeFileSync(path, '');
    const made = await states(path, async () => {
      await until('the wait for the database', () => clock.pendingCount > 0);
      rmSync(path);
      const db = new OpencodeDatabase(path);
      db.session({ atMs: clock.nowMs() - 1000, title: 'Just begun' }).turn('hello', 'hi');
      db.close();
      await clock.advance(120);
    });
    expect(made).toEqual({ titles: ['Just begun'], troubles: [] });
  });

  it('reads on for the sums over all sessions if they are shown, but not for ever', async () => {
    const path = join(home, 'opencode.db');
    const db = new OpencodeDatabase(path);
    for (let each = 0; each < 40; each += 1)
      db.session({ atMs: clock.nowMs() - 1000, title: `Session ${each}` }).turn('hello', 'hi');
    db.close();
    /** On a machine this slow, every question for the time takes `stepMs`. */
    const taken = async (stepMs: number, totals: boolean) => {
      let nowMs = 0;
      const monotonicMs = () => {
        nowMs += stepMs;
        return nowMs;
      };
      const slow = { ...context, clock: { ...clock, monotonicMs } };
      const { monitor } = await openMonitor({ db: path, color: true, mouse: true }, slow, false);
      try {
        const { today, totalsProgress } = await takeStates(monitor, slow, {
          isFiltered: false,
          sums: true,
          totals,
        });
        return { sessions: today?.sessionCount, isWhole: totalsProgress === undefined };
      } finally {
        monitor.close();
      }
    };
    expect(await taken(1, false)).toMatchObject({ isWhole: false });
    expect(await taken(1, true)).toEqual({ sessions: 40, isWhole: true });
    expect(await taken(100, true)).toMatchObject({ isWhole: false });
  });
});
