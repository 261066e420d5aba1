import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionReading } from '../../../lib/domain/board/readings.ts';
import type { DatabaseSessions } from '../../../lib/sources/opencode/sessions.ts';
import { type LeafColumn, leadingColumns, leafKind, pageCells } from '../../../lib/sources/sqlite/record.ts';
import { type DatabaseBytes, mutate } from '../../support/mutations.ts';
import { OpencodeDatabase } from '../../support/opencode-database.ts';
import { noonMs, requestOf, settle, sourceIn, temporaryFolder } from '../../support/session-source.ts';

/** The long form runs with `npm run spec:torture`. */
const mutants = Number(process.env.OTOP_MUTATIONS ?? 100) / 4;
const timeout = { timeout: 60_000 + mutants * 1000 };
const pageSize = 4096;
const count = 12;

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let sound: DatabaseBytes;
const ids: string[] = [];

beforeAll(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'damaged.db');
  const db = new OpencodeDatabase(join(folder.path, 'sound.db'));
  db.run('pragma wal_autocheckpoint = 0');
  for (let number = 0; number < count; number += 1) {
    const session = db.session({
      atMs: noonMs - 60_000 + number * 1000,
      title: `S${number}`,
      directory: '/home/u/a',
    });
    for (let turn = 0; turn < 6; turn += 1)
      session.turn('q'.repeat(turn * 90), 'a'.repeat(turn * 900)).after(10);
    session.todos([{ content: 'write it', status: 'pending' }]);
    ids.push(session.id);
    if (number === 8) db.checkpoint('passive');
  }
  const read = (suffix: string) => readFileSync(db.path + suffix);
  sound = { main: read(''), wal: read('-wal'), index: read('-shm') };
  db.checkpoint('truncate');
  db.close();
});
afterAll(() => folder.remove());

const wordsOf = (reading: SessionReading) => reading.troubles.map(({ text }) => text);

/** Refreshes until nothing is left to read. Fails if damage makes the source continue forever. */
function settled(source: DatabaseSessions): SessionReading {
  return settle(source, requestOf({ directories: new Set(['/home/u/a']) }));
}

/** The leaf pages of a table of the closed database, by the first columns of their rows. */
function leavesOf(
  prefix: string,
): { readonly page: number; readonly rows: readonly (readonly LeafColumn[])[] }[] {
  const bytes = readFileSync(join(folder.path, 'sound.db'));
  return Array.from({ length: bytes.length / pageSize }, (_, index) => index + 1).flatMap((page) => {
    const own = bytes.subarray((page - 1) * pageSize, page * pageSize);
    const rows = (pageCells(own, page) ?? []).map((cell) => leadingColumns(own, cell, 3));
    const isTheirs = leafKind(own, page) === 'table' && String(rows[0]?.[0]).startsWith(prefix);
    return isTheirs ? [{ page, rows }] : [];
  });
}

/** Reads the database with one page overwritten. */
function readingWithout(page: number): SessionReading {
  const bytes = readFileSync(join(folder.path, 'sound.db'));
  bytes.fill(0xff, (page - 1) * pageSize + 1, (page - 1) * pageSize + 12);
  writeFileSync(path, bytes);
  utimesSync(path, 1, 1);
  const source = sourceIn(folder.path, { db: path });
  const reading = settled(source);
  source.close();
  return reading;
}

describe('a damaged page', () => {
  test('of parts hides the sessions with their newest parts on it, and the trouble names them', () => {
    const last = leavesOf('prt_').at(-1);
    const onIt = new Set(last?.rows.flat().filter((column) => ids.includes(String(column))));
    const reading = readingWithout(last?.page ?? 0);
    expect(ids.filter((id) => !reading.sessions.has(id))).toEqual([...onIt]);
    expect(wordsOf(reading)).toEqual([
      `~/damaged.db: damaged rows of ${[...onIt].join(', ')}; the other sessions are shown. Check it with: sqlite3 FILE "pragma integrity_check".`,
    ]);
    expect(reading.allTime?.sessionCount).toBe(count);
  });

  test.each(['prt_', 'msg_', 'ses_'])('of rows %s… hides at most the sessions on it', timeout, (prefix) => {
    const leaves = leavesOf(prefix);
    expect(leaves.length).toBeGreaterThan(1);
    for (const { page, rows } of leaves.filter((_, place) => place % 3 === 0)) {
      const onIt = new Set(rows.flat().filter((column) => ids.includes(String(column))));
      const reading = readingWithout(page);
      expect(reading.sessions.size, `page ${page}`).toBeGreaterThanOrEqual(count - onIt.size);
      expect(reading.troubles.length, `page ${page}`).toBeLessThanOrEqual(1);
      for (const words of wordsOf(reading)) expect(words).toMatch(/damaged (rows of|pages)/);
    }
  });

  test('of todos hides only the todos', () => {
    const [page] = leavesOf('ses_').filter(({ rows }) => rows.some((row) => row[2] === 'pending'));
    const reading = readingWithout(page?.page ?? 0);
    expect([...reading.sessions.values()].map(({ todos }) => todos)).toEqual(ids.map(() => undefined));
    expect(wordsOf(reading)).toEqual([]);
  });
});

describe('damaged opencode databases', () => {
  test('give sessions or a trouble in words, and all sessions after the files are repaired', timeout, () => {
    const seen: Record<string, number> = {};
    let slowestMs = 0;
    for (let seed = 1; seed <= mutants; seed += 1) {
      write(mutate(sound, seed));
      const source = sourceIn(folder.path, { db: path });
      const before = process.cpuUsage();
      const reading = source.refresh(requestOf({ sessionIds: new Set(ids) }), noonMs);
      const { user, system } = process.cpuUsage(before);
      slowestMs = Math.max(slowestMs, (user + system) / 1000);
      for (const words of wordsOf(reading))
        expect(words, `seed ${seed}`).toMatch(/^~\/damaged\.db.*\w+ \w+.*\.$/s);
      const kind =
        reading.troubles.length === 0 ? 'sound' : reading.sessions.size > 0 ? 'partly read' : 'refused';
      seen[kind] = (seen[kind] ?? 0) + 1;
      write(sound);
      const healed = settled(source);
      expect([wordsOf(healed), healed.sessions.size], `seed ${seed}`).toEqual([[], count]);
      source.close();
    }
    if (process.env.OTOP_MUTATIONS !== undefined) console.log('opencode databases', { slowestMs, ...seen });
    expect(seen['partly read']).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });
});

function write(bytes: Partial<DatabaseBytes>): void {
  const files = { '': bytes.main, '-wal': bytes.wal, '-shm': bytes.index };
  for (const [suffix, content] of Object.entries(files)) {
    rmSync(path + suffix, { force: true });
    if (content !== undefined) writeFileSync(path + suffix, content);
  }
  // An old time, since the reader waits for a file without a WAL that was written within the last milliseconds.
  utimesSync(path, 1, 1);
}
