import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SessionReading } from '../../../lib/domain/board/readings.ts';
import { OpencodeDatabase, type SchemaVersion } from '../../support/opencode-database.ts';
import { noonMs, requestOf, settle, sourceIn, temporaryFolder } from '../../support/session-source.ts';
import type { SessionWriter } from '../../support/session-writer.ts';

/** All events of a session, by name; `which` selects a session or a row. */
const events: Record<string, (db: OpencodeDatabase, sessions: SessionWriter[], which: number) => void> = {
  begin: (db, sessions, which) => {
    const directory = `/home/u/${which % 3}`;
    const summaryDiffs = which % 4 === 0 ? 'd'.repeat(30_000) : undefined;
    const start = { atMs: noonMs + sessions.length * 1000, directory, title: `S${sessions.length}` };
    sessions.push(
      db.session(summaryDiffs === undefined ? start : { ...start, summaryDiffs }).prompt('begin'),
    );
  },
  prompt: on((session, which) => session.prompt(`prompt ${which}`.repeat(1 + (which % 300)))),
  turn: on((session, which) =>
    session.turn(`q${which}`, `a${which}\nlast ${which}`, { input: which, output: 1 + which }),
  ),
  step: on((session) => session.step()),
  text: on((session, which) =>
    session.step().stream().after(3).closes(`text ${which}`).finish('tool-calls', { output: 5 }),
  ),
  tool: on((session, which) => session.step().tool('bash', { command: `ls ${which}` })),
  toolDone: on((session, which) =>
    session
      .step()
      .tool('bash', { command: 'x' })
      .toolDone('o'.repeat(which * 900)),
  ),
  fail: on((session) => session.step().fail()),
  compact: on((session) => session.compaction().step({ summary: true })),
  todos: on((session, which) =>
    session.todos([{ content: `t${which}`, status: which % 2 ? 'completed' : 'pending' }]),
  ),
  noTodos: on((session) => session.todos([])),
  rename: on((session, which) => session.set({ title: `renamed ${which}` })),
  tokens: on((session, which) =>
    session.turn('p', 'a', { output: which % 7 }).set({ time_updated: session.atMs + 1 }),
  ),
  archive: on((session) => session.archive()),
  revert: on((session) => session.revert()),
  subagent: (_db, sessions, which) => {
    const session = sessions[which % Math.max(1, sessions.length)];
    if (session === undefined) return;
    session.after(10).step();
    sessions.push(session.subagent(`look ${which}`).prompt('look'));
  },
  output: written((db, session) =>
    db.run(
      `update part set data = data || ' ', time_updated = time_updated + 1
        where id = (select id from part where session_id = ? order by id desc limit 1)`,
      session.id,
    ),
  ),
  oldPart: written((db, session, which) =>
    db.run(
      `update part set data = json_set(data, '$.text', ?), time_updated = time_updated + 1
        where id = (select id from part where session_id = ? order by id desc limit 1 offset ?)`,
      `later ${which}`,
      session.id,
      which % 9,
    ),
  ),
  // Only the newest messages can change after the end of a step.
  oldMessage: written((db, session, which) =>
    db.run(
      `update message set data = json_set(data, '$.tokens.output', ?), time_updated = time_updated + 1
        where id = (select id from message where session_id = ? order by id desc limit 1 offset ?)`,
      which,
      session.id,
      which % 7,
    ),
  ),
  partInPlace: written((db, session, which) => {
    const newest = 'select id from part where session_id = ? order by id desc limit 1';
    db.run(
      `insert into part (id, message_id, session_id, time_created, time_updated, data)
        select ?, message_id, session_id, time_created, time_updated, ? from part where id = (${newest})`,
      db.newId('prt', session.atMs),
      JSON.stringify({ type: 'text', text: `in its place ${which}` }),
      session.id,
    );
    db.run(`delete from part where id = (${newest} offset 1)`, session.id);
  }),
  late: written((db, session, which) => {
    const atMs = session.atMs - (which % 30);
    db.run(
      `insert into message (id, session_id, time_created, time_updated, data)
        select ?, session_id, ?, time_updated, data from message where session_id = ? order by id desc limit 1`,
      db.newId('msg', atMs),
      atMs,
      session.id,
    );
  }),
  messageInPlace: written((db, session) => {
    const newest = 'select id from message where session_id = ? order by id desc limit 1';
    db.run(`delete from message where id = (${newest})`, session.id);
    session.after(10).prompt('instead');
  }),
  undo: (db, sessions, which) => {
    const session = sessions[which % Math.max(1, sessions.length)];
    if (session === undefined) return;
    db.run(
      'delete from message where id = (select id from message where session_id = ? order by id desc limit 1)',
      session.id,
    );
  },
  undoFar: written((db, session, which) =>
    db.run(
      'delete from message where id in (select id from message where session_id = ? order by id desc limit ? offset ?)',
      session.id,
      which,
      which % 3,
    ),
  ),
  remove: (db, sessions, which) => {
    const [session] = sessions.splice(which % Math.max(1, sessions.length), 1);
    if (session !== undefined) db.run('delete from session where id = ?', session.id);
  },
  checkpoint: (db) => db.checkpoint('truncate'),
  // The next commit restarts the WAL.
  copyBack: (db) => db.checkpoint('passive'),
};

/** An event that applies to the tables of opencode 1 only. */
function written(write: (db: OpencodeDatabase, session: SessionWriter, which: number) => void) {
  return (db: OpencodeDatabase, sessions: SessionWriter[], which: number) => {
    const session = sessions[which % Math.max(1, sessions.length)];
    if (session !== undefined && db.version !== '2.0') write(db, session, which);
  };
}

function on(write: (session: SessionWriter, which: number) => void) {
  return (_db: OpencodeDatabase, sessions: SessionWriter[], which: number) => {
    const session = sessions[which % Math.max(1, sessions.length)];
    if (session !== undefined) write(session.after(10), which);
  };
}

const versions: SchemaVersion[] = ['1.2.1', '1.14.41', '1.15.13', '1.18.33', '2.0'];

describe('a source that reads incrementally', () => {
  test.each(versions)('gives the same reading as a source that opens the database now (%s)', (version) => {
    // There may be several events between two looks.
    const step = fc.tuple(fc.constantFrom(...Object.keys(events)), fc.nat(60), fc.boolean());
    // Small pages make deep b-trees with frequent splits, merges and freed pages.
    const start = fc.record({
      isLater: fc.boolean(),
      crowd: fc.nat(12),
      pageSize: fc.constantFrom(1024, 4096),
    });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 5, maxLength: 40 }),
        start,
        (steps, { isLater, crowd, pageSize }) => {
          // If all may have changed, sessions inactive for hours may wait for the next refresh.
          const nowMs = noonMs + (isLater ? 7_200_000 : 60_000);
          const folder = temporaryFolder();
          const path = join(folder.path, 'opencode.db');
          const db = new OpencodeDatabase(path, version, { pageSize });
          const request = requestOf({ directories: new Set(['/home/u/0', '/home/u/1']) });
          const following = sourceIn(folder.path, { db: path });
          try {
            const sessions: SessionWriter[] = [];
            for (let turn = 0; turn < crowd * 3; turn += 1) {
              if (turn % 3 === 0) events.begin?.(db, sessions, turn);
              events.turn?.(db, sessions, turn);
            }
            for (const [name, which, isSeen] of [['begin', 1, true] as const, ...steps]) {
              if (name === 'checkpoint') settle(following, request, nowMs);
              events[name]?.(db, sessions, which);
              if (!isSeen && !isLater) continue;
              const reading = following.refresh(request, nowMs);
              const opening = sourceIn(folder.path, { db: path });
              const fresh = settle(opening, request, nowMs);
              opening.close();
              if (reading.unfinished !== true || !isLater) {
                for (const [id, session] of reading.sessions) expect(session).toEqual(fresh.sessions.get(id));
              }
              if (reading.totalsProgress === undefined) expect(reading.allTime).toEqual(fresh.allTime);
              expect({ after: name, ...comparable(settle(following, request, nowMs)) }).toEqual({
                after: name,
                ...comparable(fresh),
              });
              expect(reading.troubles).toEqual([]);
            }
          } finally {
            following.close();
            db.close();
            folder.remove();
          }
        },
      ),
      { numRuns: 8 },
    );
  });
});

function comparable(reading: SessionReading) {
  const { sessions, today, allTime, troubles } = reading;
  const inOrder = [...sessions].sort(([one], [two]) => (one < two ? -1 : 1));
  return { sessions: Object.fromEntries(inOrder), today, allTime, troubles };
}
