import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DatabaseReader, openDatabaseReader } from '../../../lib/sources/sqlite/snapshot.ts';
import { loadSqlEngine, type SqlEngine } from '../../../lib/sources/sqlite/sql-engine.ts';
import { NativeDatabase } from '../../support/native-sqlite.ts';
import {
  accepted,
  digest,
  longTimeouts,
  PlainDatabase,
  SpecFolder,
  traces,
} from '../../support/plain-database.ts';
import { reseal } from '../../support/wal-bytes.ts';

let engine: SqlEngine;
let folder: SpecFolder;
const readers: DatabaseReader[] = [];
const databases: PlainDatabase[] = [];

beforeAll(async () => {
  engine = await loadSqlEngine();
});
beforeEach(() => {
  folder = new SpecFolder();
});
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
  for (const database of databases.splice(0)) if (database.sql.isOpen) database.close();
  folder.remove();
});

function create(...args: ConstructorParameters<typeof PlainDatabase>): PlainDatabase {
  const database = new PlainDatabase(...args);
  databases.push(database);
  return database;
}

function open(path: string): DatabaseReader {
  const reader = openDatabaseReader(path, engine, longTimeouts);
  readers.push(reader);
  return reader;
}

const problemOf = (path: string) => {
  const outcome = open(path).read(digest);
  return outcome.kind === 'failed' ? outcome.reason : outcome;
};

describe.each([512, 1024, 2048, 4096, 8192, 16384, 32768, 65536])('pages of %i bytes', (pageSize) => {
  it('are read from a WAL with a live wal-index, a WAL alone, and the main file alone', () => {
    const database = create(folder.file('live.db'), { pageSize }).add(200).checkpoint('passive').add(100);
    const expected = database.digest;
    const walAlone = database.copyTo(folder.file('wal-alone.db'), ['', '-wal']);
    expect(accepted(open(database.path).read(digest))).toEqual(expected);
    expect(accepted(open(walAlone).read(digest))).toEqual(expected);
    database.checkpoint('truncate');
    const indexAlone = database.copyTo(folder.file('index-alone.db'), ['', '-shm']);
    expect(accepted(open(indexAlone).read(digest))).toEqual(expected);
    database.close();
    const closed = accepted(open(database.path).read((view) => [digest(view), view.pageSize]));
    expect(closed).toEqual([expected, pageSize]);
  });
});

describe('settings of the writer', () => {
  it.each(['pragma auto_vacuum = full', 'pragma auto_vacuum = incremental', "pragma encoding = 'UTF-16'"])(
    '%s',
    (settings) => {
      const database = create(folder.file('set.db'), { settings }).add(400);
      const reader = open(database.path);
      accepted(reader.read(digest));
      database.sql.exec('delete from note where id % 3 = 0; pragma incremental_vacuum');
      expect(accepted(reader.read(digest))).toEqual(database.digest);
    },
  );

  it('may reserve bytes at the end of each page', () => {
    const path = folder.file('reserved.db');
    new NativeDatabase(path).exec('pragma user_version = 1');
    const bytes = readFileSync(path);
    bytes[20] = 32;
    bytes.writeUInt16BE(4096 - 32, 105);
    writeFileSync(path, bytes);
    const database = create(path).add(300);
    expect(database.sql.prepare('pragma integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
    expect(accepted(open(path).read(digest))).toEqual(database.digest);
  });

  it.each(['delete', 'truncate', 'persist'] as const)('may use a rollback journal, mode %s', (journal) => {
    const database = create(folder.file('rollback.db'), { journal }).add(50);
    const reader = open(database.path);
    expect(accepted(reader.read(digest))).toEqual(database.digest);
    expect(reader.read(digest)).toEqual({ kind: 'unchanged' });
    database.add(1);
    expect(accepted(reader.read(digest))).toEqual(database.digest);
  });

  it('give `busy` while a rollback journal is hot, and rows again afterwards', () => {
    const database = create(folder.file('hot.db'), { journal: 'delete' }).add(500);
    const reader = open(database.path);
    const before = accepted(reader.read(digest));
    // The cache is too small for the transaction, so pages reach the file before the commit, and the journal is synced.
    database.sql.exec("pragma cache_size = 2; begin immediate; update note set body = body || 'x'");
    expect(reader.read(digest, { force: true })).toMatchObject({ kind: 'failed', reason: { kind: 'busy' } });
    database.sql.exec('rollback');
    expect(accepted(reader.read(digest, { force: true }))).toEqual(before);
  });
});

describe('the WAL', () => {
  it('is read with checksums of either byte order', () => {
    const database = create(folder.file('live.db')).add(200).add(20);
    for (const order of ['big', 'little'] as const) {
      const path = database.copyTo(folder.file(`${order}.db`), ['', '-wal']);
      writeFileSync(`${path}-wal`, reseal(readFileSync(`${path}-wal`), order));
      const seen = accepted(open(path).read(digest));
      expect(seen).toEqual(database.digest);
      expect(create(path).digest).toEqual(seen);
    }
  });

  it('is read up to the last commit, without half a transaction at its end', () => {
    const database = create(folder.file('live.db')).add(50);
    const expected = database.digest;
    const wholeBytes = readFileSync(`${database.path}-wal`).length;
    database.add(50);
    const path = database.copyTo(folder.file('cut.db'), ['', '-wal']);
    truncateSync(`${path}-wal`, wholeBytes + 2 * (4096 + 24) + 100);
    expect(accepted(open(path).read(digest))).toEqual(expected);
  });

  it('is read commit by commit without a wal-index, only its new frames', () => {
    const database = create(folder.file('live.db')).add(50);
    const path = database.copyTo(folder.file('followed.db'), ['', '-wal']);
    const reader = open(path);
    accepted(reader.read(digest));
    expect(reader.read(digest)).toEqual({ kind: 'unchanged' });
    database.sql.exec("update note set body = 'new' where id = 1");
    writeFileSync(`${path}-wal`, readFileSync(`${database.path}-wal`));
    const changed = accepted(reader.read((view) => [digest(view), view.changedPages]));
    expect(changed[0]).toEqual(database.digest);
    expect(changed[1]).toBeInstanceOf(Set);
  });

  it('is read in steps with a progress message if it is long and has no wal-index', () => {
    const database = create(folder.file('live.db')).add(10_000, 500);
    const path = database.copyTo(folder.file('large.db'), ['', '-wal']);
    let nowMs = 0;
    const reader = openDatabaseReader(path, engine, {
      maxQueryMs: Number.POSITIVE_INFINITY,
      maxMs: Number.POSITIVE_INFINITY,
      nowMs: () => {
        nowMs += 200;
        return nowMs;
      },
    });
    readers.push(reader);
    const said: string[] = [];
    let outcome = reader.read(digest);
    for (; outcome.kind === 'failed'; outcome = reader.read(digest)) said.push(outcome.reason.words);
    expect(said.length).toBeGreaterThan(2);
    expect(said[0]).toMatch(/large\.db-wal is read in steps because it has no wal-index: \d+% of \d+ MB$/);
    expect(accepted(outcome)).toEqual(database.digest);
  });

  it.each([4_095, 4_096, 4_097, 100_001])('may hold %i frames', (frames) => {
    const database = create(folder.file('long.db'), { pageSize: 512 });
    database.sql.exec('drop index note_body; create table filler (x blob); pragma cache_size = -200000');
    // One overflow page holds 508 bytes; single rows fill the rest of the transaction.
    const wanted = frames - framesIn(database.path);
    database.sql.exec(`insert into filler values (zeroblob(${Math.max(wanted - 60, 0) * 508}))`);
    for (let rest = framesIn(database.path); rest < frames; rest = framesIn(database.path)) {
      database.sql.exec(`pragma user_version = ${rest}`);
    }
    const seen = accepted(
      open(database.path).read((view) => view.select('select sum(length(x)) as n from filler')),
    );
    expect(framesIn(database.path)).toBe(frames);
    expect(seen).toEqual(database.sql.prepare('select sum(length(x)) as n from filler').all());
  });

  function framesIn(path: string): number {
    return (statSync(`${path}-wal`).size - 32) / (512 + 24);
  }

  it('is read beside a writer that keeps the wal-index in its memory', () => {
    const database = create(folder.file('exclusive.db'), { settings: 'pragma locking_mode = exclusive' }).add(
      50,
    );
    expect(existsSync(`${database.path}-shm`)).toBe(false);
    const reader = open(database.path);
    expect(accepted(reader.read(digest))).toEqual(database.digest);
    let isFirst = true;
    const outcome = reader.read(
      (view) => {
        if (isFirst) database.add(50).checkpoint('passive');
        isFirst = false;
        return digest(view);
      },
      { force: true },
    );
    expect(outcome).toEqual({ kind: 'read', value: database.digest, retried: 1 });
    database.checkpoint('truncate').add(1);
    expect(accepted(reader.read(digest))).toEqual(database.digest);
  });

  it('is preferred to a stale wal-index of other files', () => {
    const database = create(folder.file('live.db')).add(50);
    const leftover = readFileSync(`${database.path}-shm`);
    database.checkpoint('truncate').add(10);
    const path = database.copyTo(folder.file('stale.db'), ['', '-wal']);
    writeFileSync(`${path}-shm`, leftover);
    const reader = open(path);
    expect(accepted(reader.read(digest))).toEqual(database.digest);
    expect(reader.read(digest)).toEqual({ kind: 'unchanged' });
  });
});

describe('a main file past 4 GiB', () => {
  it.each([
    [4096, 4.5 * 2 ** 30],
    [65536, 20 * 2 ** 30],
  ])('with pages of %i bytes', (pageSize, sizeBytes) => {
    const path = folder.file('huge.db');
    create(path, { pageSize }).close();
    // Adds unused pages as holes in the file; a real SQLite then appends after them.
    const header = readFileSync(path);
    header.writeUInt32BE(sizeBytes / pageSize, 28);
    writeFileSync(path, header);
    truncateSync(path, sizeBytes);
    const database = create(path).add(300, 4000);
    const reader = open(path);
    const inWal = accepted(reader.read((view) => [digest(view), view.pageCount * pageSize > 4 * 2 ** 30]));
    expect(inWal).toEqual([database.digest, true]);
    database.checkpoint('truncate');
    expect(accepted(reader.read(digest))).toEqual(inWal[0]);
    database.close();
    expect(accepted(reader.read(digest))).toEqual(inWal[0]);
  });
});

describe('a database', () => {
  it('is read through symbolic links, with the WAL beside their target', () => {
    mkdirSync(folder.file('real'));
    const database = create(join(folder.file('real'), 'data.db')).add(20);
    symlinkSync(database.path, folder.file('link.db'));
    const reader = open(folder.file('link.db'));
    expect(accepted(reader.read(digest))).toEqual(database.digest);
    const other = create(join(folder.file('real'), 'other.db')).add(7);
    rmSync(folder.file('link.db'));
    symlinkSync(other.path, folder.file('link.db'));
    expect(accepted(reader.read(digest))).toEqual(other.digest);
  });

  it('is read with spaces, quotes and other scripts in its path', () => {
    mkdirSync(folder.file("it's ünïcode 数据 🗄 %41?x=1#y"));
    const database = create(join(folder.file("it's ünïcode 数据 🗄 %41?x=1#y"), 'o p.db')).add(20);
    expect(accepted(open(database.path).read(digest))).toEqual(database.digest);
  });

  it('is read after it is deleted, created again, and replaced by a rename', () => {
    const first = create(folder.file('o.db')).add(20);
    const reader = open(first.path);
    accepted(reader.read(digest));
    first.close();
    rmSync(first.path);
    expect(reader.read(digest)).toMatchObject({ kind: 'failed', reason: { kind: 'missing' } });
    const second = create(folder.file('o.db'), { pageSize: 1024 }).add(9);
    expect(accepted(reader.read(digest))).toEqual(second.digest);
    second.close();
    const third = create(folder.file('new.db')).add(3);
    const expected = third.digest;
    third.close();
    renameSync(third.path, first.path);
    expect(accepted(reader.read(digest))).toEqual(expected);
  });

  const isRoot = process.geteuid?.() === 0;
  it.runIf(isRoot)('where only another user may read: a reason in words', () => {
    const database = create(folder.file('theirs.db')).add(20);
    execFileSync('chmod', ['600', database.path]);
    execFileSync('chmod', ['755', folder.path]);
    process.seteuid?.(65534);
    try {
      expect(problemOf(database.path)).toMatchObject({
        kind: 'denied',
        words: expect.stringMatching(/not allowed/),
      });
    } finally {
      process.seteuid?.(0);
    }
  });

  it('is read in a folder that is not writable', () => {
    mkdirSync(folder.file('ro'));
    const database = create(join(folder.file('ro'), 'o.db')).add(20);
    execFileSync('chmod', ['555', folder.file('ro')]);
    expect(accepted(open(database.path).read(digest))).toEqual(database.digest);
    execFileSync('chmod', ['755', folder.file('ro')]);
  });

  it.runIf(isRoot).each(['living', 'closed'])(
    'of another user, in a folder that is not ours: %s',
    (state) => {
      const database = create(folder.file('theirs.db')).add(20);
      const expected = database.digest;
      if (state === 'closed') database.close();
      execFileSync('chmod', ['-R', 'u=rwX,go=rX', folder.path]);
      const before = traces(folder.path);
      process.seteuid?.(65534);
      try {
        expect(() => writeFileSync(folder.file('ours'), '')).toThrow(/EACCES/);
        expect(accepted(open(database.path).read(digest))).toEqual(expected);
      } finally {
        process.seteuid?.(0);
      }
      expect(traces(folder.path)).toEqual(before);
    },
  );
});

describe('a file that is no database', () => {
  it('gives a reason', () => {
    writeFileSync(folder.file('empty.db'), '');
    writeFileSync(folder.file('text.db'), 'hello, this is not a database at all'.repeat(100));
    execFileSync('/usr/bin/mkfifo', [folder.file('pipe.db')]);
    const cut = create(folder.file('cut.db'), { journal: 'delete' }).add(500);
    cut.close();
    truncateSync(cut.path, 4096 * 3);
    writeFileSync(folder.file('stub.db'), readFileSync(cut.path).subarray(0, 50));
    const names = ['none.db', 'empty.db', 'text.db', 'pipe.db', '.', 'cut.db', 'stub.db', '/dev/null'];
    const said = names.map((name) => {
      const problem = problemOf(name.startsWith('/') ? name : folder.file(name));
      return 'words' in problem ? `${problem.kind}: ${problem.words.replace(folder.path, '~')}` : problem;
    });
    expect(said).toMatchInlineSnapshot(`
      [
        "missing: there is no file ~/none.db",
        "empty: ~/empty.db is empty",
        "not-sqlite: ~/text.db is not an SQLite database",
        "not-sqlite: ~/pipe.db is not a file",
        "not-sqlite: ~ is not a file",
        "truncated: the database file is shorter than its own header says",
        "truncated: ~/stub.db ends within its header",
        "not-sqlite: /dev/null is not a file",
      ]
    `);
  });
});
