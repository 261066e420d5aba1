import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { LRUCache } from 'lru-cache';
import type { Database, InitSqlJsStatic, SqlJsStatic, Statement } from 'sql.js';
import type { ByteImage } from './database-image.ts';
import { SnapshotError } from './problem.ts';

/**
 * The only file that uses sql.js (SQLite in WebAssembly, pinned to 1.16.0). sql.js throws strings, uses the array that
 * it is given as its file, and must be loaded again after a trap. This file hides all three from its callers.
 */

/** A column's value from sql.js. Integers past 2^53 lose their last digits. */
type SqlValue = string | number | null | Uint8Array;

/** One result row by column name. */
export type SqlRow = Record<string, SqlValue>;

/** A value for a statement's `?`. */
export type SqlParameter = string | number | null;

/** One open database inside the engine. */
export interface SqlConnection {
  /**
   * Returns all rows; the statement is prepared once per connection. Throws SnapshotError if SQLite refuses it, and
   * `too-large` if the time is past `deadlineMs` before the last row.
   */
  select(sql: string, parameters: readonly SqlParameter[], deadlineMs: number): SqlRow[];
  /** Starts a read transaction: each `select` up to `end` sees the same state of the image. */
  begin(): void;
  end(): void;
  /** Frees the statements and memory; never throws. */
  close(): void;
}

/** SQLite, ready to open images. */
export interface SqlEngine {
  /** False if this sql.js copies the array that it is given. Then only small databases can be read. */
  readonly readsPages: boolean;
  /** Opens an image. Throws SnapshotError if it is no database, or while the engine is restarting after a trap. */
  connect(image: ByteImage, nowMs: () => number): SqlConnection;
}

/** SQLite reports "out of memory" past this limit: a damaged page can claim a row of 1 GB. */
const HEAP_LIMIT_BYTES = 128 * 1024 * 1024;

/** Limits copying a whole database, if this sql.js cannot read by page. */
const COPY_LIMIT_BYTES = 64 * 1024 * 1024;

/** Limits the LRU cache of statements: an id list of another length is another statement, and each one takes memory. */
const MAX_STATEMENTS = 200;

const SETTINGS = `
  pragma hard_heap_limit = ${HEAP_LIMIT_BYTES};
  pragma query_only = on;
  pragma trusted_schema = off;
  pragma cell_size_check = on;
  pragma temp_store = memory;
`;

/**
 * Loads sql.js and checks whether it reads images page by page. `copyImages` assumes that it does not, so that a spec
 * can test the fallback for a future sql.js. Rejects if sql.js cannot be loaded.
 */
export async function loadSqlEngine(options: { readonly copyImages?: boolean } = {}): Promise<SqlEngine> {
  const sql = await loadSqlJs();
  return new SqlJsEngine(sql, !options.copyImages && readsImagesByPage(sql));
}

/**
 * Keeps V8 from compiling SQLite a second time, optimised. That costs 200 to 300 ms of CPU time at each start and 10
 * MB, for queries that take a few milliseconds a second; without it a poll of 50 sessions costs 10 % more. Node 20 to
 * 24 know the flag. It applies to modules loaded afterwards.
 */
function compileOnce(): void {
  setFlagsFromString('--liftoff-only');
}

class SqlJsEngine implements SqlEngine {
  readonly readsPages: boolean;
  #sql: SqlJsStatic | undefined;
  #absence = 'the SQL engine is restarting';

  constructor(sql: SqlJsStatic, readsPages: boolean) {
    this.#sql = sql;
    this.readsPages = readsPages;
  }

  connect(image: ByteImage, nowMs: () => number): SqlConnection {
    if (this.#sql === undefined) throw new SnapshotError('engine', this.#absence);
    const bytes = this.readsPages ? (image as unknown as Uint8Array) : image.copy(COPY_LIMIT_BYTES);
    return new SqlJsConnection(this.#sql, bytes, nowMs, () => this.#restart());
  }

  /** Loads a new instance after a trap, within milliseconds: the memory of the old one cannot be trusted. */
  #restart(): void {
    if (this.#sql === undefined) return;
    this.#sql = undefined;
    loadSqlJs().then(
      (fresh) => {
        this.#sql = fresh;
      },
      (error: unknown) => {
        this.#absence = `the SQL engine failed and cannot be loaded again: ${error}`;
      },
    );
  }
}

interface PreparedStatement {
  readonly statement: Statement;
  readonly columns: readonly string[];
}

class SqlJsConnection implements SqlConnection {
  readonly #database: Database;
  readonly #statements = new LRUCache<string, PreparedStatement>({
    max: MAX_STATEMENTS,
    dispose: ({ statement }) => statement.free(),
  });
  readonly #nowMs: () => number;
  readonly #onTrap: () => void;
  readonly #begin: Statement;
  readonly #rollback: Statement;

  constructor(sql: SqlJsStatic, bytes: Uint8Array, nowMs: () => number, onTrap: () => void) {
    this.#nowMs = nowMs;
    this.#onTrap = onTrap;
    this.#database = this.#guard(() => new sql.Database(bytes));
    try {
      this.#guard(() => this.#database.run(SETTINGS));
      this.#begin = this.#guard(() => this.#database.prepare('begin'));
      this.#rollback = this.#guard(() => this.#database.prepare('rollback'));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  select(sql: string, parameters: readonly SqlParameter[], deadlineMs: number): SqlRow[] {
    return this.#guard(() => {
      const { statement, columns } = this.#prepare(sql);
      try {
        statement.bind([...parameters]);
        const rows: SqlRow[] = [];
        while (statement.step()) {
          const values = statement.get();
          const row: SqlRow = {};
          for (let i = 0; i < columns.length; i += 1) row[columns[i] ?? ''] = values[i] ?? null;
          rows.push(row);
          if (this.#nowMs() > deadlineMs) throw new SnapshotError('too-large', 'the query takes too long');
        }
        return rows;
      } finally {
        statement.reset();
      }
    });
  }

  begin(): void {
    this.#guard(() => this.#begin.run());
  }

  end(): void {
    try {
      // Rollback instead of commit: nothing was written, and a commit fails if a statement met a damaged page.
      this.#guard(() => this.#rollback.run());
    } catch (error) {
      // SQLite ends the transaction by itself if a row is too large for its memory; the other rows are good.
      if (!/no transaction is active/.test(String(error))) throw error;
    }
  }

  close(): void {
    try {
      this.#database.close();
    } catch (error) {
      // A trapped engine cannot close its databases; the whole engine is replaced.
      this.#noticeTrap(error);
    }
  }

  #prepare(sql: string): PreparedStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    const fresh = { statement, columns: statement.getColumnNames() };
    this.#statements.set(sql, fresh);
    return fresh;
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof SnapshotError) throw error;
      this.#noticeTrap(error);
      const words = typeof error === 'string' || error instanceof Error ? String(error) : 'unknown error';
      throw asProblem(words.replace(/^Error: /, ''));
    }
  }

  #noticeTrap(error: unknown): void {
    const isTrap = error instanceof Error && (error.name === 'RuntimeError' || error.name === 'RangeError');
    if (isTrap) this.#onTrap();
  }
}

/** Maps SQLite's error message to a kind of problem; https://sqlite.org/rescode.html lists the codes. */
function asProblem(words: string): SnapshotError {
  if (/not a database/.test(words)) return new SnapshotError('not-sqlite', 'this is not an SQLite database');
  if (/unsupported file format/.test(words)) {
    return new SnapshotError('not-sqlite', 'its file format is newer than this SQLite, or damaged');
  }
  if (/malformed|corrupt/.test(words))
    return new SnapshotError('corrupt', `the database is damaged: ${words}`);
  if (/out of memory|too big/.test(words)) {
    return new SnapshotError('too-large', `the database needs too much memory: ${words}`);
  }
  if (/no such|has no column/.test(words)) return new SnapshotError('schema', `unknown tables: ${words}`);
  if (/I\/O/.test(words)) return new SnapshotError('io', words);
  return new SnapshotError('engine', `SQLite: ${words}`);
}

/** Loads a new instance. sql.js would return its first one, trapped or not, as long as its module is cached. */
async function loadSqlJs(): Promise<SqlJsStatic> {
  const require = createRequire(import.meta.url);
  const path = require.resolve('sql.js');
  const init = require(path) as InitSqlJsStatic;
  delete require.cache[path];
  compileOnce();
  // Compiling starts here, on V8's threads, while the caller does other work. sql.js would start only after that work.
  const compiling = WebAssembly.compile(readFileSync(join(dirname(path), 'sql-wasm.wasm')));
  // sql.js prints its aborts, which would damage the screen. Its own functions replace faster ones of SQLite.
  const quiet = { print: ignore, printErr: ignore, useOldExtensionFunctions: false };
  return new Promise((resolve, reject) => {
    const instantiateWasm: EmscriptenModule['instantiateWasm'] = (imports, done) => {
      compiling.then((sqlite) => WebAssembly.instantiate(sqlite, imports)).then(done, reject);
      return {};
    };
    init({ ...quiet, instantiateWasm }).then(resolve, reject);
  });
}

function ignore(): void {
  // sql.js also throws every error that it prints.
}

/** The user version of the probe database. Reading it back proves that the probe was read. */
const probeVersion = 42;

/** Returns an empty database of one page of 512 bytes; https://sqlite.org/fileformat2.html sections 1.3 and 1.6. */
function probePage(): Uint8Array {
  const page = Buffer.alloc(512);
  page.write('SQLite format 3\0', 'latin1');
  page.set([2, 0, 1, 1, 0, 64, 32, 32], 16);
  page.writeUInt32BE(1, 28);
  page.writeUInt32BE(4, 44);
  page.writeUInt32BE(1, 56);
  page.writeUInt32BE(probeVersion, 60);
  // A table leaf without cells; its cell content area starts at the page's end.
  page.set([13, 0, 0, 0, 0, 2, 0, 0], 100);
  return page;
}

/**
 * Returns true if sql.js keeps the image and asks it for pages. Runs only one pragma, since V8 compiles each function
 * of SQLite at its first call: writing and querying took 60 ms of each start.
 */
function readsImagesByPage(sql: SqlJsStatic): boolean {
  const bytes = probePage();
  let asked = 0;
  const image = {
    length: bytes.length,
    slice: (): unknown => image,
    subarray: (start: number, end: number) => {
      asked += 1;
      return bytes.subarray(start, end);
    },
  };
  try {
    const database = new sql.Database(image as unknown as Uint8Array);
    const answer = database.exec('pragma user_version')[0]?.values[0]?.[0];
    database.close();
    return answer === probeVersion && asked > 0;
  } catch {
    return false;
  }
}
