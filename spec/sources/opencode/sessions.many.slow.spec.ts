import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SessionReading } from '../../../lib/domain/board/readings.ts';
import { OpencodeDatabase } from '../../support/opencode-database.ts';
import { noonMs, requestOf, settle, sourceIn, temporaryFolder } from '../../support/session-source.ts';

const count = 100_000;
const manySessions = (
  max: number,
) => `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${max})
  insert into session (id, project_id, slug, directory, title, version, time_created, time_updated, tokens_input, cost)
  select 'ses_' || printf('%012x', 0xf00000000000 + i), 'global', 's', '/home/u/' || (i % 50), 'Old ' || i, '1.18.33',
    ${noonMs} - i * 60000, ${noonMs} - i * 60000, 3, 0.5 from n`;

/** The test takes two seconds on an idle machine. */
const timeout = { timeout: 120_000 };

test(
  'a first pass over 100,000 sessions takes several looks, and commits during it are shown at once',
  timeout,
  () => {
    const folder = temporaryFolder();
    const path = join(folder.path, 'many.db');
    const db = new OpencodeDatabase(path);
    db.run(manySessions(count));
    const live = db.session({ atMs: noonMs, title: 'Live', directory: '/home/u/1' }).turn('hello', 'hi');
    const source = sourceIn(folder.path, { db: path, monotonicMs: () => performance.now() });
    const request = requestOf({ sessionIds: new Set([live.id]) });
    const titleOf = ({ sessions }: SessionReading) => sessions.get(live.id)?.title;

    let reading = source.refresh(request, noonMs);
    expect(titleOf(reading)).toBe('Live');
    let looks = 1;
    for (; reading.unfinished === true || reading.totalsProgress !== undefined; looks += 1) {
      live.after(1).set({ title: `Live ${looks}` });
      const before = reading.totalsProgress ?? 0;
      reading = source.refresh(request, noonMs);
      expect(titleOf(reading)).toBe(`Live ${looks}`);
      expect(reading.totalsProgress ?? 1).toBeGreaterThanOrEqual(before);
    }
    expect(looks).toBeGreaterThan(20);
    expect(reading.allTime).toMatchObject({ sessionCount: count + 1, cost: count / 2 + 0.001 });
    expect(reading.allTime?.tokens.input).toBe(count * 3 + 100);

    db.run("delete from session where id > 'ses_f0000000c350' and id < 'ses_ff'");
    const afterDelete = source.refresh(request, noonMs);
    expect(afterDelete.troubles).toEqual([]);
    expect(afterDelete.allTime?.sessionCount).toBe(50_001);
    source.close();
    db.close();
    folder.remove();
  },
);

test('the totals of 3,000 sessions follow each added or deleted session at once', timeout, () => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'many.db');
  const db = new OpencodeDatabase(path);
  db.run(manySessions(3000));
  const live = db.session({ atMs: noonMs, title: 'Live', directory: '/home/u/1' }).turn('hello', 'hi');
  const source = sourceIn(folder.path, { db: path, monotonicMs: () => 0 });
  const request = requestOf();
  settle(source, request);
  for (let round = 0; round < 120; round += 1) {
    const index = (round * 7919) % 3000;
    if (round % 10 === 9) db.session({ atMs: noonMs + round, title: 'New' }).turn('a', 'b');
    else
      db.run(
        `delete from session where id = (select id from session where id <> '${live.id}' order by id limit 1 offset ${index % 2800})`,
      );
    if (round % 3 === 0) live.after(1).turn('more', 'and more');
    const { allTime, totalsProgress } = source.refresh(request, noonMs);
    const [row] = db.rows(
      'select count(*) as sessions, (select count(*) from message) as messages from session',
    );
    expect([allTime?.sessionCount, allTime?.messageCount, totalsProgress], `round ${round}`).toEqual([
      row?.sessions,
      row?.messages,
      undefined,
    ]);
  }
  source.close();
  db.close();
  folder.remove();
});

test('the totals are marked incomplete if too much was written for one look', timeout, () => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'many.db');
  const db = new OpencodeDatabase(path);
  db.run(manySessions(3000));
  const time = { nowMs: 0, stepMs: 0 };
  const monotonicMs = () => {
    time.nowMs += time.stepMs;
    return time.nowMs;
  };
  const source = sourceIn(folder.path, { db: path, monotonicMs });
  const request = requestOf();
  settle(source, request);
  db.run('update session set cost = 2');
  time.stepMs = 0.01;
  let looks = 0;
  for (;;) {
    const { allTime, totalsProgress } = source.refresh(request, noonMs);
    if (totalsProgress === undefined) {
      expect(allTime?.cost).toBe(6000);
      break;
    }
    expect(totalsProgress).toBeLessThan(1);
    looks += 1;
  }
  expect(looks).toBeGreaterThan(2);
  source.close();
  db.close();
  folder.remove();
});

test.each(['1.2.27', '1.18.33'] as const)(
  'looks that are always late reach the same rows (%s)',
  (version) => {
    const folder = temporaryFolder();
    const path = join(folder.path, 'old.db');
    const db = new OpencodeDatabase(path, version);
    const monthMs = 30 * 24 * 3600 * 1000;
    for (let age = 1; age <= 60; age += 1) {
      // An id encodes the creation time of a session, not its last activity.
      const session = db.session({ atMs: noonMs - monthMs - age * 60_000, directory: `/home/u/${age % 3}` });
      session.after((age % 7) * 3_600_000).turn('hello', `hi ${age}`);
    }
    const request = requestOf({ directories: new Set(['/home/u/0', '/home/u/1', '/home/u/2']) });
    const late = sourceIn(folder.path, { db: path });
    const early = sourceIn(folder.path, { db: path, monotonicMs: () => 0 });
    const reading = settle(late, request);
    expect(reading.sessions.size).toBe(24);
    expect(rowsOf(reading)).toEqual(rowsOf(settle(early, request)));
    for (const source of [late, early]) source.close();
    db.close();
    folder.remove();
  },
);

function rowsOf({ sessions, today, allTime }: SessionReading) {
  return { sessions, today, allTime };
}
