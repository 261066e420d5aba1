import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMonitor } from '../../lib/monitor/open-monitor.ts';
import { takeFirstBoard } from '../../lib/monitor/take-board.ts';
import {
  readViewedTimes,
  SharedViewedTimes,
  viewedPath,
  viewedRecord,
} from '../../lib/monitor/viewed-times.ts';
import { row, state } from '../support/board.ts';
import { process as opencode, pane } from '../support/builders.ts';
import { type HandClock, handClock } from '../support/clock.ts';
import { emptyMachine } from '../support/machine.ts';
import { OpencodeDatabase } from '../support/opencode-database.ts';

let home: string;
let clock: HandClock;
let times: SharedViewedTimes;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-viewed-record-'));
  clock = handClock();
  times = new SharedViewedTimes(viewedPath({}, home));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const written = () => readViewedTimes(viewedPath({}, home));

describe('the record of viewed sessions', () => {
  it('begins with the first dashboard, and is written within a second, not only at its end', async () => {
    const startMs = clock.nowMs();
    const record = viewedRecord(times, clock);
    expect(written()).toBeUndefined();
    await clock.advance(1000);
    expect(written()?.baselineMs).toBe(startMs);
    record.note('ses_a');
    const viewedMs = clock.nowMs();
    await clock.advance(999);
    record.note('ses_b');
    expect(written()?.bySession.size).toBe(0);
    await clock.advance(1);
    expect(written()?.bySession).toEqual(
      new Map([
        ['ses_a', viewedMs],
        ['ses_b', viewedMs + 999],
      ]),
    );
    expect(clock.pendingCount).toBe(0);
  });

  it('is written at the end, at once', () => {
    const record = viewedRecord(times, clock);
    record.note('ses_a');
    record.close();
    expect(written()?.bySession.has('ses_a')).toBe(true);
    expect(clock.pendingCount).toBe(0);
  });

  it('records a session that ended in the pane in front, also after the user leaves that pane', () => {
    const record = viewedRecord(times, clock);
    const inPane = (id: string, active: boolean, name: 'idle' | 'generating') =>
      row(id, id, {
        process: opencode({ pane: pane({ active }) }),
        state: { ...state(name, 0), sinceMs: clock.nowMs() + 5 },
      });
    clock.setWallMs(clock.nowMs() + 10);
    record.notePanes([
      inPane('a', true, 'idle'),
      inPane('b', false, 'idle'),
      inPane('c', true, 'generating'),
    ]);
    expect([...times.bySession.keys()]).toEqual([row('a', 'a').session?.id]);
    // Recording it once is enough: it has not ended again since.
    const ended = inPane('a', true, 'idle');
    clock.setWallMs(clock.nowMs() + 10);
    record.notePanes([ended]);
    const notedMs = clock.nowMs();
    clock.setWallMs(clock.nowMs() + 10);
    record.notePanes([ended]);
    expect([...times.bySession.values()]).toEqual([notedMs]);
  });

  it('reaches every running otop', async () => {
    const databasePath = join(home, 'opencode.db');
    const db = new OpencodeDatabase(databasePath);
    const { id } = db.session({ atMs: Date.now() - 60_000 }).turn('hello', 'hi');
    db.close();
    times.begin(1);
    times.save();
    const { stdin, stdout, stderr } = process;
    const context = { env: {}, homeDir: home, machine: emptyMachine, stdin, stdout, stderr, clock };
    const options = { db: databasePath, all: true, color: true, mouse: true, quiet: true };
    const { monitor } = await openMonitor(options, context, true);
    try {
      await takeFirstBoard(monitor, Date.now());
      const unread = () => monitor.board(Date.now()).rows.find(({ key }) => key === id)?.state.unread;
      expect(unread()).toBe(true);
      times.note(id, Date.now());
      times.save();
      expect(unread()).toBe(false);
    } finally {
      monitor.close();
    }
  });
});
