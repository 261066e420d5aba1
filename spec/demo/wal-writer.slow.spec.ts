import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import initSqlJs, { type SqlJsStatic } from 'sql.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WalWriter } from '../../lib/demo/wal-writer.ts';
import { NativeDatabase, readCopy } from '../support/native-sqlite.ts';
import { eventOf, until } from '../support/wait.ts';

let sql: SqlJsStatic;
let folder: string;
let path: string;
const writers: WalWriter[] = [];

beforeAll(async () => {
  sql = await initSqlJs();
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-demo-spec-'));
  path = join(folder, 'opencode.db');
});

afterEach(() => {
  for (const writer of writers.splice(0)) writer.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(checkpointFrames = 1000): WalWriter {
  let random = 12345;
  const writer = new WalWriter(sql, path, {
    random32: () => {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      return random;
    },
    checkpointFrames,
  });
  writers.push(writer);
  return writer;
}

function createNotes(writer: WalWriter): void {
  writer.commit((db) => db.run('create table note (id integer primary key, text text not null)'));
}

function add(writer: WalWriter, id: number, textBytes: number): void {
  writer.commit((db) => db.run('insert or replace into note values (?, ?)', [id, 'x'.repeat(textBytes)]));
}

/** What a fresh SQLite connection says: it rebuilds the wal-index from the WAL, checking every frame. */
function readWithSqlite(): { integrity: unknown; rows: unknown[] } {
  return readCopy(path, (database) => ({
    integrity: Object.values(database.prepare('pragma integrity_check').get() ?? {})[0],
    rows: database.prepare('select id, length(text) as bytes from note order by id').all(),
  }));
}

/** The first bytes of the `-shm`: two headers and the progress of checkpoints, without the lock bytes. */
function shmPrefix(): Buffer {
  const shm = readFileSync(`${path}-shm`);
  return Buffer.concat([shm.subarray(0, 120), shm.subarray(128, 132)]);
}

describe('a database written by sql.js as a WAL', () => {
  it('holds a single page in its main file while everything is still in the WAL', () => {
    const writer = open();
    createNotes(writer);
    add(writer, 1, 9000);
    expect(statSync(path).size).toBe(4096);
    expect(readFileSync(path).subarray(18, 20)).toEqual(Buffer.from([2, 2]));
    expect(readWithSqlite()).toEqual({ integrity: 'ok', rows: [{ id: 1, bytes: 9000 }] });
  });

  it('is read right by SQLite after every transaction, across checkpoints and new salts', () => {
    const writer = open(12);
    createNotes(writer);
    const salts = new Set<string>();
    for (let id = 1; id <= 40; id++) {
      add(writer, id, 50 + id * 97);
      salts.add(readFileSync(`${path}-wal`).subarray(16, 24).toString('hex'));
      const seen = readWithSqlite();
      expect(seen.integrity).toBe('ok');
      expect(seen.rows).toHaveLength(id);
    }
    expect(salts.size).toBeGreaterThan(3);
    expect(statSync(path).size).toBeGreaterThan(20 * 4096);
  });

  it('is followed through our own wal-index by a connection that stays open', () => {
    const writer = open(30);
    createNotes(writer);
    const reader = new NativeDatabase(path);
    const count = reader.prepare('select count(*) as n, coalesce(sum(length(text)), 0) as bytes from note');
    try {
      let bytes = 0;
      for (let id = 1; id <= 120; id++) {
        add(writer, id, id * 61);
        bytes += id * 61;
        expect(count.get()).toEqual({ n: id, bytes });
      }
      expect(Object.values(reader.prepare('pragma integrity_check').get() ?? {})).toEqual(['ok']);
    } finally {
      reader.close();
    }
  });

  it('keeps hash tables of several blocks that SQLite follows', () => {
    const writer = open(1_000_000);
    createNotes(writer);
    const reader = new NativeDatabase(path);
    const count = reader.prepare('select count(*) as n, sum(length(text)) as bytes from note');
    try {
      expect(count.get()).toEqual({ n: 0, bytes: null });
      for (let id = 1; id <= 9; id++) {
        add(writer, id, 4_000_000);
        expect(count.get()).toEqual({ n: id, bytes: id * 4_000_000 });
      }
      expect(statSync(`${path}-shm`).size).toBe(3 * 32_768);
    } finally {
      reader.close();
    }
  });

  it('has the wal-index that SQLite itself makes of the same WAL', () => {
    const writer = open();
    createNotes(writer);
    for (let id = 1; id <= 20; id++) add(writer, id, 3000);
    const ours = readFileSync(`${path}-shm`);
    const oursPrefix = shmPrefix();
    const reader = new NativeDatabase(path);
    reader.prepare('select count(*) from note').get();
    const theirs = readFileSync(`${path}-shm`);
    const theirsPrefix = shmPrefix();
    reader.close();
    expect(ours.subarray(136)).toEqual(theirs.subarray(136));
    // The change counter, the checksum over it and the read marks are each writer's own.
    const fields = [
      [0, 8],
      [12, 40],
      [60, 88],
      [96, 100],
    ] as const;
    for (const [from, to] of fields) {
      expect(oursPrefix.subarray(from, to)).toEqual(theirsPrefix.subarray(from, to));
    }
  });

  it('leaves nothing of a transaction that throws', () => {
    const writer = open();
    createNotes(writer);
    add(writer, 1, 10);
    const before = readFileSync(`${path}-wal`);
    expect(() =>
      writer.commit((db) => {
        db.run('insert into note values (2, ?)', ['x'.repeat(100_000)]);
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(readFileSync(`${path}-wal`)).toEqual(before);
    add(writer, 3, 10);
    expect(readWithSqlite().rows).toEqual([
      { id: 1, bytes: 10 },
      { id: 3, bytes: 10 },
    ]);
  });

  it('holds what any series of inserts, deletes and checkpoints left', () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant('add' as const), id: fc.nat(30), size: fc.nat(20_000) }),
      fc.record({ act: fc.constant('drop' as const), id: fc.nat(30), size: fc.constant(0) }),
      fc.record({ act: fc.constant('checkpoint' as const), id: fc.constant(0), size: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const writer = open(20);
        const model = new Map<number, number>();
        createNotes(writer);
        for (const { act, id, size } of steps) {
          if (act === 'checkpoint') writer.checkpoint();
          else if (act === 'add') add(writer, id, size);
          else writer.commit((db) => db.run('delete from note where id = ?', [id]));
          if (act === 'add') model.set(id, size);
          if (act === 'drop') model.delete(id);
        }
        const rows = [...model].sort(([a], [b]) => a - b).map(([id, bytes]) => ({ id, bytes }));
        expect(readWithSqlite()).toEqual({ integrity: 'ok', rows });
      }),
      { numRuns: 25 },
    );
  });
});

describe('a writer that is killed', () => {
  const children: ReturnType<typeof spawn>[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  it('leaves a whole transaction, whenever the kill comes', async () => {
    const program = join(import.meta.dirname, 'endless-writer-program.ts');
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ['--import', 'tsx', program, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      await eventOf(child.stdout, 'data');
      await growsBy(`${path}-wal`, 3 + round);
      const ended = eventOf(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      readCopy(path, (database) => {
        expect(Object.values(database.prepare('pragma integrity_check').get() ?? {})).toEqual(['ok']);
        // Every transaction of that program changes all rows alike.
        expect(database.prepare('select count(distinct round) as rounds from note').get()).toEqual({
          rounds: 1,
        });
      });
    }
  });
});

/** Resolves after the WAL's salts or first frames changed so many times, so that the kill falls amid writes. */
async function growsBy(walPath: string, changes: number): Promise<void> {
  const fd = openSync(walPath, 'r');
  let last = '';
  let seen = 0;
  const hasGrown = () => {
    const head = Buffer.alloc(56);
    readSync(fd, head, 0, 56, 0);
    const now = head.toString('hex');
    if (now !== last) seen++;
    last = now;
    return seen >= changes;
  };
  await until(`${changes} changes of the WAL`, hasGrown, () => seen);
}
