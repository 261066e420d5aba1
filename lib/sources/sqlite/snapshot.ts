import { type CommittedState, DatabaseFiles } from './database-files.ts';
import { DatabaseImage, type SnapshotLayout } from './database-image.ts';
import { SnapshotError, type SnapshotProblem, TornSnapshot } from './problem.ts';
import { uint32 } from './record.ts';
import type { SqlConnection, SqlEngine, SqlParameter, SqlRow } from './sql-engine.ts';

/**
 * Reads a live database without a lock, as one consistent state: find the committed state, read, and accept the result
 * only if the files cannot have changed during the read.
 */

/** A read-only SQL view of one committed state; valid during one `read` only. */
export interface SnapshotView {
  /** Returns rows by column name; the statement is prepared once and cached. Throws SnapshotError if SQLite refuses it. */
  select(sql: string, parameters?: readonly SqlParameter[]): SqlRow[];
  /**
   * Returns the bytes of a page as they are on disk, for change detection. The first page is 1. The bytes are valid
   * until a hundred other pages were asked for.
   */
  page(pageNumber: number): Uint8Array;
  readonly pageSize: number;
  readonly pageCount: number;
  /**
   * The pages that commits wrote since the last accepted read. `all` if they cannot be known: at the first read, for
   * another file, without a WAL, or if the WAL was reset more than once or has grown long since its reset.
   */
  readonly changedPages: ReadonlySet<number> | 'all';
  /** Changes with each change of a table's definition, and with VACUUM. */
  readonly schemaCookie: number;
}

/** The outcome of a read. After a failure the caller still has its last good rows. */
export type ReadOutcome<T> =
  /** The rows of the last accepted read are current. This may also follow a failure, if nothing was committed. */
  | { readonly kind: 'unchanged' }
  /** `retried` counts the tries that were discarded because the files changed during the read. */
  | { readonly kind: 'read'; readonly value: T; readonly retried: number }
  | { readonly kind: 'failed'; readonly reason: SnapshotProblem };

/** One database file, for repeated reads. */
export interface DatabaseReader {
  readonly path: string;
  /**
   * Returns `unchanged` if nothing was committed since the last accepted read; that costs three `stat` and one 136-byte
   * read. Otherwise runs `query`, again if the files changed meanwhile, up to the limits; so it must have no side
   * effects. `force` reads even if unchanged. Never throws for a problem of the files; rethrows other errors of
   * `query`.
   */
  read<T>(query: (view: SnapshotView) => T, options?: { readonly force?: boolean }): ReadOutcome<T>;
  close(): void;
}

/** The limits of a read, and the clocks, which specs replace. */
export interface ReaderOptions {
  /** The wall clock in milliseconds; also compared with the files' modification times. */
  readonly nowMs?: () => number;
  /** The CPU time of this process in milliseconds. */
  readonly cpuMs?: () => number;
  readonly maxTries?: number;
  /** Starts no new try after this time. */
  readonly maxMs?: number;
  /**
   * Gives up a try that takes longer, with `too-large`: a damaged tree can keep SQLite busy for a very long time. Past
   * the limit only otop's own CPU time counts, since a busy machine is no fault of the database.
   */
  readonly maxQueryMs?: number;
  /** Only for the spec that shows that reads without the final check give torn rows. */
  readonly skipCheckAfterwards?: boolean;
}

/** Returns a reader of the database at `path`. Opens nothing before the first read, and never throws. */
export function openDatabaseReader(
  path: string,
  engine: SqlEngine,
  options: ReaderOptions = {},
): DatabaseReader {
  return new SnapshotReader(path, engine, options);
}

interface Opened {
  readonly connection: SqlConnection;
  readonly image: DatabaseImage;
  readonly schemaCookie: number;
}

interface QueryStart {
  readonly nowMs: number;
  readonly deadlineMs: number;
  /** CPU time at the start. Measured only once a query takes long, since measuring takes as long as some queries. */
  cpuMs: number | undefined;
}

/** A query up to this long counts as CPU time of this process as a whole. */
const SHORT_QUERY_MS = 20;

/** https://sqlite.org/fileformat2.html section 1.3.9, "Schema Cookie". */
const SCHEMA_COOKIE_OFFSET = 40;

class SnapshotReader implements DatabaseReader {
  readonly path: string;
  readonly #engine: SqlEngine;
  readonly #options: ReaderOptions;
  readonly #nowMs: () => number;
  readonly #cpuMs: () => number;
  readonly #files: DatabaseFiles;
  #opened: Opened | undefined;
  #accepted: CommittedState | undefined;
  #queryStart: QueryStart = { nowMs: 0, cpuMs: undefined, deadlineMs: 0 };
  #epoch = 0;

  constructor(path: string, engine: SqlEngine, options: ReaderOptions) {
    this.path = path;
    this.#engine = engine;
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#cpuMs = options.cpuMs ?? processCpuMs;
    this.#files = new DatabaseFiles(path, this.#nowMs);
  }

  read<T>(query: (view: SnapshotView) => T, options: { readonly force?: boolean } = {}): ReadOutcome<T> {
    const { maxTries = 11, maxMs = 80 } = this.#options;
    const startMs = this.#nowMs();
    let torn = '';
    for (let tries = 0; tries < maxTries && this.#nowMs() - startMs <= maxMs; tries += 1) {
      pause(tries);
      try {
        const state = this.#files.readCommittedState();
        if (!options.force && state.fingerprint === this.#accepted?.fingerprint) return { kind: 'unchanged' };
        return { kind: 'read', value: this.#try(state, query), retried: tries };
      } catch (error) {
        if (error instanceof SnapshotError) return { kind: 'failed', reason: error.problem };
        if (!(error instanceof TornSnapshot)) throw error;
        torn = error.message;
      }
    }
    return {
      kind: 'failed',
      reason: new SnapshotError('busy', `writers left no time to read it: ${torn}`).problem,
    };
  }

  close(): void {
    this.#disconnect();
    this.#accepted = undefined;
    this.#files.close();
  }

  /** Returns the query's value if the state is still current after it. Else throws TornSnapshot, even if the query threw. */
  #try<T>(state: CommittedState, query: (view: SnapshotView) => T): T {
    const changedPages = this.#changedPages(state);
    try {
      const layout = state.layout();
      const value = this.#query(layout, changedPages(layout), query);
      this.#confirm(state);
      this.#accepted = state;
      return value;
    } catch (error) {
      this.#disconnect();
      if (!(error instanceof TornSnapshot)) this.#confirm(state);
      throw error;
    }
  }

  #confirm(state: CommittedState): void {
    if (this.#options.skipCheckAfterwards) return;
    let isCurrent = false;
    try {
      isCurrent = state.isStillCurrent();
    } catch (error) {
      // The file was removed or replaced just now. The next poll reports its new state.
      if (!(error instanceof SnapshotError || error instanceof TornSnapshot)) throw error;
    }
    if (!isCurrent) throw new TornSnapshot('it changed while otop read it');
  }

  #changedPages(state: CommittedState): (layout: SnapshotLayout) => ReadonlySet<number> | 'all' {
    const written = this.#accepted === undefined ? undefined : state.writtenSince(this.#accepted);
    if (written === undefined) return () => 'all';
    const { afterFrame, pages } = written;
    return ({ frames }) => new Set([...pages, ...(frames?.pagesAfter(afterFrame) ?? [])]);
  }

  #query<T>(
    layout: SnapshotLayout,
    changedPages: ReadonlySet<number> | 'all',
    query: (view: SnapshotView) => T,
  ): T {
    const nowMs = this.#nowMs();
    const deadlineMs = nowMs + (this.#options.maxQueryMs ?? 1000);
    this.#queryStart = { nowMs, cpuMs: undefined, deadlineMs };
    const { connection, image, schemaCookie } = this.#connect(layout, changedPages, deadlineMs);
    try {
      connection.begin();
      const value = query({
        select: (sql, parameters = []) => connection.select(sql, parameters, deadlineMs),
        page: (pageNumber) => image.page(pageNumber),
        pageSize: layout.pageSize,
        pageCount: layout.pageCount,
        changedPages,
        schemaCookie,
      });
      if (image.fault !== undefined) throw image.fault;
      connection.end();
      return value;
    } catch (error) {
      throw explainedError(error, image);
    }
  }

  /**
   * Reuses the connection and its prepared statements if only known commits followed and no table changed: a new epoch
   * makes SQLite drop its pages. Otherwise opens a new connection, because another file may have the same schema
   * cookie, by which SQLite notices changed tables.
   */
  #connect(layout: SnapshotLayout, changedPages: ReadonlySet<number> | 'all', deadlineMs: number): Opened {
    this.#epoch += 1;
    if (!this.#engine.readsPages || changedPages === 'all') this.#disconnect();
    const image =
      this.#opened?.image ?? new DatabaseImage(this.#files.main, layout, () => this.#queryClock());
    image.show(layout, changedPages, this.#epoch, deadlineMs);
    const schemaCookie = uint32(image.page(1), SCHEMA_COOKIE_OFFSET);
    if (schemaCookie !== this.#opened?.schemaCookie) this.#disconnect();
    try {
      this.#opened ??= {
        image,
        schemaCookie,
        connection: this.#engine.connect(image, () => this.#queryClock()),
      };
    } catch (error) {
      throw explainedError(error, image);
    }
    return this.#opened;
  }

  /** Returns the wall clock. Past the deadline, counts only the CPU time of this process. */
  #queryClock(): number {
    const now = this.#nowMs();
    const start = this.#queryStart;
    const spanMs = now - start.nowMs;
    if (spanMs <= SHORT_QUERY_MS) return now;
    start.cpuMs ??= this.#cpuMs() - SHORT_QUERY_MS;
    return now <= start.deadlineMs ? now : Math.min(now, start.nowMs + this.#cpuMs() - start.cpuMs);
  }

  #disconnect(): void {
    this.#opened?.connection.close();
    this.#opened = undefined;
  }
}

function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Returns the image's own error if it has one: it says more precisely than SQLite why a page could not be read. */
function explainedError(error: unknown, image: DatabaseImage): unknown {
  if (!(error instanceof SnapshotError)) return error;
  if (image.fault !== undefined) return image.fault;
  if (error.kind === 'corrupt' && image.absentPages > 0) {
    return new SnapshotError('truncated', 'the database file is shorter than its own header says');
  }
  return error;
}

/**
 * Blocks before a retry: the first tries follow at once, then longer and longer pauses let a burst of writes pass, 63
 * ms in all.
 */
function pause(tries: number): void {
  if (tries < 4) return;
  const ms = Math.min(2 ** (tries - 4), 16);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
