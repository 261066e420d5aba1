import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabaseReader, type SnapshotView } from '../../../lib/sources/sqlite/snapshot.ts';
import { loadSqlEngine, type SqlEngine } from '../../../lib/sources/sqlite/sql-engine.ts';
import { type DatabaseBytes, mutate } from '../../support/mutations.ts';
import { accepted, digest, PlainDatabase, SpecFolder } from '../../support/plain-database.ts';

/** `npm run spec:torture` runs more of them. */
const isLong = process.env.OTOP_MUTATIONS !== undefined;
const count = Number(process.env.OTOP_MUTATIONS ?? 400);
const specOptions = { timeout: 60_000 + count * 60 };

let engine: SqlEngine;
let folder: SpecFolder;
beforeAll(async () => {
  engine = await loadSqlEngine();
  folder = new SpecFolder();
});
afterAll(() => folder.remove());

describe.each([512, 4096])('damaged databases with pages of %i bytes', (pageSize) => {
  it('give rows or a reason, without a crash, a hang or a memory leak', specOptions, () => {
    const sound = bytesOf(pageSize);
    const path = folder.file(`mutant-${pageSize}.db`);
    const seen: Record<string, number> = {};
    let slowestMs = 0;
    const before = process.memoryUsage().rss;
    for (let seed = 1; seed <= count / 2; seed += 1) {
      write(path, mutate(sound, seed));
      const startMs = performance.now();
      const outcome = readAll(path);
      const tookMs = performance.now() - startMs;
      slowestMs = Math.max(slowestMs, tookMs);
      const kind = outcome.kind === 'failed' ? outcome.reason.kind : outcome.kind;
      seen[kind] = (seen[kind] ?? 0) + 1;
      if (outcome.kind === 'failed') expect(outcome.reason.words, `seed ${seed}`).toMatch(/\w+ \w+/);
      expect(outcome.kind, `seed ${seed}`).not.toBe('unchanged');
    }
    const grownBytes = process.memoryUsage().rss - before;
    if (isLong) console.log(`pages of ${pageSize}`, { slowestMs, grownMB: grownBytes / 2 ** 20, ...seen });
    expect(seen.read).toBeGreaterThan(0);
    expect(seen.corrupt).toBeGreaterThan(0);
    expect(grownBytes).toBeLessThan(512 * 2 ** 20);
  });

  it('have no effect once the file is whole again', () => {
    const sound = bytesOf(pageSize);
    const path = folder.file(`healed-${pageSize}.db`);
    const reader = openDatabaseReader(path, engine);
    write(path, sound);
    const expected = accepted(reader.read(digest));
    for (let seed = 1; seed <= 20; seed += 1) {
      write(path, mutate(sound, seed));
      reader.read(digest);
      write(path, sound);
      expect(accepted(reader.read(digest, { force: true }))).toEqual(expected);
    }
    reader.close();
  });
});

function readAll(path: string): ReturnType<ReturnType<typeof openDatabaseReader>['read']> {
  const reader = openDatabaseReader(path, engine, {
    maxQueryMs: 700,
    // The clock is an hour ahead, since a file written within the last milliseconds must settle first.
    nowMs: () => Date.now() + 3_600_000,
  });
  const outcome = reader.read(everything);
  reader.close();
  return outcome;
}

/** Whole tables, an index, a join, a sort, and the queries of a schema check. */
function everything(view: SnapshotView): unknown {
  return [
    view.select('select name, sql from sqlite_master'),
    view.select('pragma table_info(note)'),
    digest(view),
    view.select('select id, body from note order by length(body), id desc'),
    view.select('select count(*) as n from note a join note b on a.body = b.body'),
    view.select("select json_extract(body, '$.x') as x from note where json_valid(body)"),
  ];
}

function bytesOf(pageSize: number): DatabaseBytes {
  const database = new PlainDatabase(folder.file(`sound-${pageSize}.db`), { pageSize });
  database.add(40, 100).add(2, 20_000).checkpoint('passive').add(30, 600);
  database.sql.exec(`delete from note where id % 5 = 0; insert into note (body) values ('{"x": [1, 2]}')`);
  const read = (suffix: string) => readFileSync(database.path + suffix);
  const bytes = { main: read(''), wal: read('-wal'), index: read('-shm') };
  database.close();
  return bytes;
}

function write(path: string, bytes: Partial<DatabaseBytes>): void {
  const files = { '': bytes.main, '-wal': bytes.wal, '-shm': bytes.index };
  for (const [suffix, content] of Object.entries(files)) {
    if (content !== undefined) writeFileSync(path + suffix, content);
    else if (existsSync(path + suffix)) rmSync(path + suffix);
  }
}
