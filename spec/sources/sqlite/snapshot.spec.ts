import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DatabaseReader, openDatabaseReader } from '../../../lib/sources/sqlite/snapshot.ts';
import { loadSqlEngine, type SqlEngine } from '../../../lib/sources/sqlite/sql-engine.ts';
import { accepted, digest, PlainDatabase, SpecFolder } from '../../support/plain-database.ts';

let engine: SqlEngine;
let folder: SpecFolder;
let database: PlainDatabase;
let reader: DatabaseReader;

beforeAll(async () => {
  engine = await loadSqlEngine();
});
beforeEach(() => {
  folder = new SpecFolder();
  database = new PlainDatabase(folder.file('opencode.db')).add(300);
  reader = openDatabaseReader(database.path, engine);
});
afterEach(() => {
  reader.close();
  database.close();
  folder.remove();
});

const changes = () => accepted(reader.read((view) => view.changedPages));
const rollback = (sql: string) => database.sql.exec(`begin; ${sql}; rollback`);

describe('the changed pages', () => {
  it('are none until the next commit, in spite of rollbacks and checkpoints', () => {
    accepted(reader.read(digest));
    rollback("update note set body = 'gone'");
    database.checkpoint('passive');
    expect(reader.read(digest)).toEqual({ kind: 'unchanged' });
    database.add(1);
    expect(accepted(reader.read(digest))).toEqual(database.digest);
  });

  it('are `all` at first, then the pages that commits wrote', () => {
    expect(changes()).toBe('all');
    database.sql.exec("update note set body = 'a' where id = 150");
    const byOneUpdate = changes();
    database.sql.exec("update note set body = 'b' where id = 10; update note set body = 'c' where id = 290");
    const byTwo = changes();
    expect([...byOneUpdate].length).toBeGreaterThan(1);
    expect([...byTwo].length).toBeGreaterThan([...byOneUpdate].length);
  });

  const allPages = () =>
    accepted(
      reader.read((view) => {
        const pages = Array.from({ length: view.pageCount }, (_, i) =>
          Buffer.from(view.page(i + 1)).toString('hex'),
        );
        return { pages, changed: view.changedPages };
      }),
    );

  it('are exactly the pages whose bytes differ', () => {
    const before = allPages();
    database.sql.exec("update note set body = 'a' where id % 100 = 7; insert into note (body) values ('b')");
    const after = allPages();
    const differing = after.pages.flatMap((page, i) => (page === before.pages[i] ? [] : [i + 1]));
    expect([...after.changed].filter((page) => differing.includes(Number(page)))).toEqual([...after.changed]);
    expect(differing.every((page) => after.changed !== 'all' && after.changed.has(page))).toBe(true);
  });

  it('are still only the written pages after a WAL reset', () => {
    for (let round = 0; round < 3; round += 1) {
      database.add(300);
      changes();
      database.checkpoint('passive');
      database.sql.exec(`update note set body = '${round}' where id = 150`);
      const changed = changes();
      expect(changed).not.toBe('all');
      expect([...changed].length).toBeLessThan(10);
      expect(accepted(reader.read(digest, { force: true }))).toEqual(database.digest);
    }
  });

  it('include unread frames from before the WAL reset', () => {
    for (let round = 0; round < 3; round += 1) {
      database.add(300);
      const before = allPages();
      database.sql.exec(`update note set body = 'unseen ${round}' where id = ${10 + round * 90}`);
      database.checkpoint('passive').add(1);
      const { pages, changed } = allPages();
      const differing = pages.flatMap((page, i) => (page === before.pages[i] ? [] : [i + 1]));
      expect(changed).not.toBe('all');
      expect([...changed]).toEqual(expect.arrayContaining(differing));
      expect([...changed].length).toBeLessThan(20);
    }
  });

  const walResets: Record<string, () => void> = {
    'more than once': () => {
      database.checkpoint('restart').add(1).checkpoint('restart').add(1);
    },
    'and has grown past the end of the old frames': () => {
      database.checkpoint('restart').add(600);
    },
    'into a truncated file': () => {
      database.checkpoint('truncate').add(1);
    },
  };
  it.each(Object.keys(walResets))('are `all` again if the WAL was reset %s', (how) => {
    changes();
    walResets[how]?.();
    expect(changes()).toBe('all');
    database.add(1);
    expect(changes()).toBeInstanceOf(Set);
  });

  it('count from the last accepted read, not from one that was discarded or threw', () => {
    changes();
    database.sql.exec("update note set body = 'a' where id = 150");
    expect(() =>
      reader.read(() => {
        throw new Error('a bug in a query');
      }),
    ).toThrow('a bug in a query');
    expect(changes()).toBeInstanceOf(Set);
    expect(reader.read(digest)).toEqual({ kind: 'unchanged' });
  });
});

describe('a query', () => {
  it('sees new tables, new columns and a vacuumed file through statements it already used', () => {
    const all = () =>
      accepted(reader.read((view) => view.select('select * from note where id = 1'), { force: true }));
    const [row] = all();
    database.sql.exec("alter table note add column kind text default 'plain'");
    expect(all()).toEqual([{ ...row, kind: 'plain' }]);
    database.sql.exec('delete from note where id > 20; vacuum');
    expect(all()).toEqual([{ ...row, kind: 'plain' }]);
    expect(accepted(reader.read(digest, { force: true }))).toEqual(database.digest);
  });

  it('binds text, numbers and null, and gives bytes as bytes', () => {
    const sql = "select ? as a, ? as b, ? as c, x'0102' as d, 1.5 as e, null as f";
    const rows = accepted(reader.read((view) => view.select(sql, ['é\u0000x', 2 ** 40, null])));
    expect(rows).toEqual([{ a: 'é\u0000x', b: 2 ** 40, c: null, d: Uint8Array.of(1, 2), e: 1.5, f: null }]);
  });

  it('cannot write, and says which table is missing', () => {
    const attempt = (sql: string) => reader.read((view) => view.select(sql), { force: true });
    expect(attempt('delete from note')).toMatchObject({ kind: 'failed', reason: { kind: 'engine' } });
    expect(attempt('select * from nowhere')).toMatchObject({
      kind: 'failed',
      reason: { kind: 'schema', words: 'unknown tables: no such table: nowhere' },
    });
    expect(accepted(reader.read(digest))).toEqual(database.digest);
  });

  it('is given up if it uses too much CPU time, and the next one works', () => {
    let looks = 0;
    let isCrowded = true;
    const slow = openDatabaseReader(database.path, engine, {
      maxQueryMs: 200,
      nowMs: () => {
        looks += 1;
        return looks;
      },
      cpuMs: () => (isCrowded ? 0 : looks),
    });
    const long =
      'with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) select i from n';
    expect(accepted(slow.read((view) => view.select(long))).length).toBe(1000);
    isCrowded = false;
    const endless = 'with recursive n(i) as (select 1 union all select i + 1 from n) select i from n';
    expect(slow.read((view) => view.select(endless), { force: true })).toMatchObject({
      kind: 'failed',
      reason: { kind: 'too-large' },
    });
    expect(accepted(slow.read((view) => view.select('select 1 as one'), { force: true }))).toEqual([
      { one: 1 },
    ]);
    slow.close();
  });
});

describe('a row that is too large', () => {
  it('is lost alone if the query continues without it', () => {
    const outcome = reader.read((view) => {
      const attempt = () => view.select('select hex(zeroblob(100000000)) as x');
      expect(attempt).toThrow(/memory/);
      return digest(view);
    });
    expect(accepted(outcome)).toEqual(database.digest);
    database.add(1);
    expect(accepted(reader.read(digest))).toEqual(database.digest);
  });
});

describe('a read whose files change', () => {
  it('is retried a limited number of times, then gives `busy`; the next read starts again', () => {
    let tries = 0;
    const outcome = reader.read((view) => {
      tries += 1;
      database.add(1).checkpoint('restart').add(1);
      return digest(view);
    });
    expect(outcome).toMatchObject({ kind: 'failed', reason: { kind: 'busy' } });
    expect(tries).toBeLessThanOrEqual(11);
    expect(accepted(reader.read(digest))).toEqual(database.digest);
  });

  it('waits until the modification time of a file without a WAL can show another write', () => {
    const closed = new PlainDatabase(folder.file('closed.db')).add(10);
    const expected = closed.digest;
    closed.close();
    const writtenMs = statSync(closed.path).mtimeMs;
    const at = (nowMs: number) =>
      openDatabaseReader(closed.path, engine, { nowMs: () => nowMs }).read(digest);
    expect(at(writtenMs + 5)).toMatchObject({ kind: 'failed', reason: { kind: 'busy' } });
    expect(accepted(at(writtenMs + 25))).toEqual(expected);
  });

  it('does not return the rows of a wal-index that is being written', () => {
    const index = readFileSync(`${database.path}-shm`);
    const torn = Buffer.from(index);
    torn.writeUInt32LE(torn.readUInt32LE(16) - 1, 16);
    const copy = database.copyTo(folder.file('copy.db'), ['', '-wal']);
    writeFileSync(`${copy}-shm`, torn);
    const other = openDatabaseReader(copy, engine);
    expect(accepted(other.read(digest))).toEqual(database.digest);
    other.close();
  });
});
