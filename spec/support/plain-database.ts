import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadOutcome, SnapshotView } from '../../lib/sources/sqlite/snapshot.ts';
import { NativeDatabase } from './native-sqlite.ts';

/** The suffixes of SQLite's files for one database. */
const suffixes = ['', '-wal', '-shm', '-journal'] as const;

/** A temporary folder for one spec, removed by `remove`. */
export class SpecFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'otop-snapshot-spec-'));

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Settings of a database before its first table. */
export interface PlainOptions {
  readonly pageSize?: number;
  readonly journal?: 'wal' | 'delete' | 'truncate' | 'persist';
  readonly settings?: string;
}

/** A table `note(id, body)` with an index, written by real SQLite. The connection stays open, so `-wal` and `-shm` exist. */
export class PlainDatabase {
  readonly path: string;
  readonly sql: NativeDatabase;

  constructor(path: string, options: PlainOptions = {}) {
    this.path = path;
    this.sql = new NativeDatabase(path);
    this.sql.exec(`${options.settings ?? ''}; pragma page_size = ${options.pageSize ?? 4096};
      pragma journal_mode = ${options.journal ?? 'wal'}; pragma synchronous = off;
      pragma wal_autocheckpoint = 0;
      create table if not exists note (id integer primary key, body text);
      create index if not exists note_body on note (body)`);
  }

  /** Adds rows in one commit, each with a different body of `bytes` bytes. */
  add(count: number, bytes = 300): this {
    this.sql.exec(`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
      insert into note (body) select hex(randomblob(${Math.ceil(bytes / 2)})) from n where ${count} > 0`);
    return this;
  }

  checkpoint(mode: 'passive' | 'full' | 'restart' | 'truncate'): this {
    this.sql.exec(`pragma wal_checkpoint(${mode})`);
    return this;
  }

  /** Copies the files on disk, as after a crash, and returns `path`; only those with the given suffixes. */
  copyTo(path: string, copiedSuffixes: readonly string[] = suffixes): string {
    for (const suffix of copiedSuffixes) {
      if (existsSync(this.path + suffix)) copyFileSync(this.path + suffix, path + suffix);
    }
    return path;
  }

  /** The digest by SQLite itself, which a reader's `digest` must equal. */
  get digest(): Digest {
    return digestOf((sql) => this.sql.prepare(sql).all());
  }

  close(): void {
    this.sql.close();
  }
}

/** Row counts by the table and by its index, and sums that change with any wrong page. */
export interface Digest {
  readonly rows: number;
  readonly indexed: number;
  readonly newest: number;
  readonly bytes: number;
  readonly last: string;
}

/** Computes the digest by reading every page of the table and of the index. */
export function digest(view: SnapshotView): Digest {
  return digestOf((sql) => view.select(sql));
}

function digestOf(select: (sql: string) => readonly unknown[]): Digest {
  const one = (sql: string) => select(sql)[0] as Record<string, unknown> | undefined;
  const table = one(
    'select count(*) as rows, max(id) as newest, sum(length(body)) as bytes from note not indexed',
  );
  const index = one('select count(body) as indexed, max(body) as last from note indexed by note_body');
  return {
    rows: Number(table?.rows),
    indexed: Number(index?.indexed),
    newest: Number(table?.newest),
    bytes: Number(table?.bytes),
    last: String(index?.last),
  };
}

/** Timeouts for a read during writes: on a busy machine the first try may use up the default timeout. */
export const longTimeouts = { maxMs: 60_000, maxQueryMs: 60_000 };

/** Returns the value of a successful read; throws if it failed. */
export function accepted<T>(outcome: ReadOutcome<T>): T {
  if (outcome.kind !== 'read') throw new Error(`not read: ${JSON.stringify(outcome)}`);
  return outcome.value;
}

/** Returns everything in a folder that a reader could change: names, inodes, times and bytes. */
export function traces(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const stats = statSync(path, { bigint: true });
      return `${name} ${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs} ${readFileSync(path).toString('base64')}`;
    });
}
