import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReadOnlyFile } from '../../../lib/sources/sqlite/read-only-file.ts';
import { openDatabaseReader } from '../../../lib/sources/sqlite/snapshot.ts';
import { loadSqlEngine, type SqlEngine } from '../../../lib/sources/sqlite/sql-engine.ts';
import {
  accepted,
  digest,
  longTimeouts,
  PlainDatabase,
  SpecFolder,
  traces,
} from '../../support/plain-database.ts';

let engine: SqlEngine;
let folder: SpecFolder;
let database: PlainDatabase;

beforeAll(async () => {
  engine = await loadSqlEngine();
});
beforeEach(() => {
  folder = new SpecFolder();
  database = new PlainDatabase(folder.file('opencode.db')).add(500);
});
afterEach(() => {
  database.close();
  folder.remove();
});

describe('a reader leaves no trace', () => {
  it('changes no byte, no time and no name, in any state of the files', () => {
    const states = {
      living: () => undefined,
      checkpointed: () => database.checkpoint('passive'),
      truncated: () => database.checkpoint('truncate'),
    };
    for (const prepare of Object.values(states)) {
      prepare();
      const before = traces(folder.path);
      const reader = openDatabaseReader(database.path, engine, longTimeouts);
      for (let i = 0; i < 3; i += 1) accepted(reader.read(digest, { force: true }));
      reader.close();
      expect(traces(folder.path)).toEqual(before);
    }
  });

  it('creates no file beside a database that was closed cleanly or is missing', () => {
    const closed = new PlainDatabase(folder.file('closed.db')).add(10);
    closed.close();
    const before = traces(folder.path);
    const reader = openDatabaseReader(closed.path, engine, longTimeouts);
    accepted(reader.read(digest));
    reader.close();
    openDatabaseReader(folder.file('none.db'), engine).read(digest);
    expect(traces(folder.path)).toEqual(before);
  });

  it.each(['passive', 'full', 'restart', 'truncate'] as const)(
    'lets a writer finish a checkpoint (%s) in the middle of a read',
    (mode) => {
      const reader = openDatabaseReader(database.path, engine, longTimeouts);
      const results: unknown[] = [];
      const outcome = reader.read((view) => {
        const rows = digest(view);
        if (results.length === 0) {
          database.add(1);
          results.push(database.sql.prepare(`pragma wal_checkpoint(${mode})`).get());
        }
        return rows;
      });
      reader.close();
      expect(results).toEqual([expect.objectContaining({ busy: 0 })]);
      expect(outcome).toEqual({ kind: 'read', value: database.digest, retried: 1 });
    },
  );

  it('lets a writer truncate the WAL at any time, from before the first page is read to after the last', () => {
    for (let moment = 1; ; moment += 3) {
      const reader = openDatabaseReader(database.path, engine, longTimeouts);
      const results: unknown[] = [];
      const truncate = () => {
        database.add(1);
        results.push(database.sql.prepare('pragma wal_checkpoint(truncate)').get());
      };
      let outcome: unknown;
      countingPages(
        () => {
          outcome = reader.read(digest);
        },
        moment,
        truncate,
      );
      reader.close();
      if (results.length === 0) {
        expect(moment).toBeGreaterThan(20);
        break;
      }
      expect(results, `at page ${moment}`).toEqual([{ busy: 0, log: 0, checkpointed: 0 }]);
      expect(outcome).toMatchObject({ kind: 'read', value: database.digest });
    }
  });

  it.runIf(existsSync('/proc/self/fdinfo'))(
    'opens read-only, takes no lock, and closes what it opened',
    () => {
      // The writer is in this process too, so its descriptors and locks are subtracted.
      const writersFiles = openFiles(folder.path);
      const writersLocks = ownLocks();
      const reader = openDatabaseReader(database.path, engine, longTimeouts);
      const seen = accepted(
        reader.read((view) => [digest(view).rows, ownLocks(), openFiles(folder.path)] as const),
      );
      const ours = seen[2].filter((file) => !writersFiles.includes(file));
      expect(ours.map((file) => file.replace(/^\d+ /, '')).sort()).toEqual([
        'opencode.db read-only',
        'opencode.db-shm read-only',
        'opencode.db-wal read-only',
      ]);
      expect(seen[1]).toEqual(writersLocks);
      reader.close();
      expect(openFiles(folder.path)).toEqual(writersFiles);
    },
  );
});

/** Counts the pages read from files during `work`; calls `then` once, before page number `at`. */
function countingPages(work: () => void, at = 0, then: () => void = () => undefined): number {
  const read = ReadOnlyFile.prototype.read;
  let count = 0;
  const counting = vi.spyOn(ReadOnlyFile.prototype, 'read').mockImplementation(function (
    this: ReadOnlyFile,
    target,
    position,
    length,
  ) {
    if (length >= 512) count += 1;
    if (length >= 512 && count === at) then();
    return read.call(this, target, position, length);
  });
  try {
    work();
  } finally {
    counting.mockRestore();
  }
  return count;
}

/** Returns this process's descriptors of files in a folder, with their access mode (the lowest bits of `flags`). */
function openFiles(within: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    const path = linkOf(`/proc/self/fd/${descriptor}`);
    if (!path.startsWith(within)) return [];
    const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1] ?? '';
    const isReadOnly = (Number.parseInt(flags, 8) & 3) === 0;
    return [`${descriptor} ${path.slice(within.length + 1)} ${isReadOnly ? 'read-only' : 'writable'}`];
  });
}

/** Tolerates the descriptor of the listing itself, which is already closed. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Returns the locks of this process, without the kernel's sequence number. */
function ownLocks(): string[] {
  const lines = readFileSync('/proc/locks', 'utf8').split('\n');
  const own = lines.filter((line) => line.split(/\s+/).includes(String(process.pid)));
  return own.map((line) => line.replace(/^\d+: /, '')).sort();
}
