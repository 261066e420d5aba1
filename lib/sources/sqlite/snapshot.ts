import { DatabaseFiles, type CommittedState } from './database-files.ts';
import { DatabaseImage, type SnapshotLayout } from './database-image.ts';
import { SnapshotError, type SnapshotProblem, TornSnapshot } from './problem.ts';
import { uint32 } from './record.ts';
import type { SqlConnection, SqlEngine, SqlParameter, SqlRow } from './sql-engine.ts';

/**
 * Reads a living database as if it stood still, without a lock: take what is committed, read, and let the
 * result count only if nothing could have changed under it meanwhile.
 */

/** A read-only SQL view of one committed layout; good for the length of one `read` only. */
export interface SnapshotView {
  /** Rows by column name; the statement is prepared once and kept. Throws SnapshotError for what SQLite refuses. */
  select(sql: string, parameters?: readonly SqlParameter[]): SqlRow[];
  /**
   * The bytes of a page as they are on disk; page 1 comes first. For change detection. Good until a hundred other pages
   * were asked for.
   */
  page(pageNumber: number): Uint8Array;
  readonly pageSize: number;
  readonly pageCount: number;
  /**
   * Pages that commits wrote since the last accepted read; `all` where that cannot be known: the first read,
   * another file, a database without a WAL, a WAL that was begun anew more than once or has grown long again since.
   */
  readonly changedPages: ReadonlySet<number> | 'all';
  /** Changes with every change of the tables' definitions, and with VACUUM. */
  readonly schemaCookie: number;
}

/** What came of a read; a failure leaves the caller with its last good rows. */
export type ReadOutcome<T> =
  /** The rows of the last accepted read are right; so it is too once a failure has gone by and nothing came of it. */
  | { readonly kind: 'unchanged' }
  /** `retried`: how many tries were thrown away because the files changed under them. */
  | { readonly kind: 'read'; readonly value: T; readonly retried: number }
  | { readonly kind: 'failed'; readonly reason: SnapshotProblem };

/** One database file, read again and again. */
export interface DatabaseReader {
  readonly path: string;
  /**
   * Nothing committed since the last accepted read: `unchanged`, for three `stat` and one 136-byte read.
   * Otherwise runs `query`, which must be free of side effects: a try that the files changed under is thrown
   * away and run again, up to the limits. `force` reads even if unchanged. Never throws for what the files do;
   * what `query` itself throws, other than SnapshotError, comes through.
   */
  read<T>(query: (view: SnapshotView) => T, options?: { readonly force?: boolean }): ReadOutcome<T>;
  close(): void;
}

/** What bounds a read, and what specs replace. */
export interface ReaderOptions {
  /** Wall clock in milliseconds; also compared with files' times. */
  readonly nowMs?: () => number;
  /** Processor time of this process in milliseconds. */
  readonly busyMs?: () => number;
  readonly maxTries?: number;
  /** No new try after this long. */
  readonly maxMs?: number;
  /**
   * A single try that takes longer is given up as too large; damaged trees can make SQLite wander. Time in which a crowded
   * machine gave otop no processor does not count: the database is not to blame for it.
   */
  readonly maxQueryMs?: number;
  /** Only for the spec that shows what reading without the check afterwards gives: torn rows. */
  readonly skipCheckAfterwards?: boolean;
}

/** Nothing is opened before the first read. */
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
  /** Of the processor's time; asked for once a query takes long, since that takes as long as some queries. */
  busyMs: number | undefined;
}

/** All of it counts as this process's own work. */
const SHORT_QUERY_MS = 20;

/** https://sqlite.org/fileformat2.html section 1.3.9, "Schema Cookie". */
const SCHEMA_COOKIE_OFFSET = 40;

class SnapshotReader implements DatabaseReader {
  readonly path: string;
  readonly #engine: SqlEngine;
  readonly #options: ReaderOptions;
  readonly #nowMs: () => number;
  readonly #busyMs: () => number;
  readonly #files: DatabaseFiles;
  #opened: Opened | undefined;
  #accepted: CommittedState | undefined;
  #queryStart: QueryStart = { nowMs: 0, busyMs: undefined, deadlineMs: 0 };
  #epoch = 0;

  constructor(path: string, engine: SqlEngine, options: ReaderOptions) {
    this.path = path;
    this.#engine = engine;
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#busyMs = options.busyMs ?? processorMs;
    this.#files = new DatabaseFiles(path, this.#nowMs);
  }

  read<T>(query: (view: SnapshotView) => T, options: { readonly force?: boolean } = {}): ReadOutcome<T> {
    const { maxTries = 11, maxMs = 80 } = this.#options;
    const startMs = this.#nowMs();
    let torn = '';
    for (let tries = 0; tries < maxTries && this.#nowMs() - startMs <= maxMs; tries += 1) {
      pause(tries);
      try {
        const state = this.#files.look();
        if (!options.force && state.mark === this.#accepted?.mark) return { kind: 'unchanged' };
        return { kind: 'read', value: this.#try(state, query), retried: tries };
      } catch (error) {
        if (error instanceof SnapshotError) return { kind: 'failed', reason: error.problem };
        if (!(error instanceof TornSnapshot)) throw error;
        torn = error.message;
      }
    }
    return { kind: 'failed', reason: new SnapshotError('busy', `no quiet moment to read: ${torn}`).problem };
  }

  close(): void {
    this.#disconnect();
    this.#accepted = undefined;
    this.#files.close();
  }

  /** One try: the query's value if the moment stands afterwards, else TornSnapshot, whatever the query did. */
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
      // Gone or replaced in this state: the next look says what is there now.
      if (!(error instanceof SnapshotError || error instanceof TornSnapshot)) throw error;
    }
    if (!isCurrent) throw new TornSnapshot('it changed while it was read');
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
    this.#queryStart = { nowMs, busyMs: undefined, deadlineMs };
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
      throw explained(error, image);
    }
  }

  /**
   * The connection of the last read with its prepared statements where only known commits came since and no
   * table changed: a new epoch makes SQLite drop its pages. Anything else gets a new connection, because the
   * schema cookie, by which SQLite notices other tables, may be the same in another file.
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
      throw explained(error, image);
    }
    return this.#opened;
  }

  /** The wall clock; past the deadline, what of it was this process's own work. */
  #queryClock(): number {
    const now = this.#nowMs();
    const start = this.#queryStart;
    const spanMs = now - start.nowMs;
    if (spanMs <= SHORT_QUERY_MS) return now;
    start.busyMs ??= this.#busyMs() - SHORT_QUERY_MS;
    return now <= start.deadlineMs ? now : Math.min(now, start.nowMs + this.#busyMs() - start.busyMs);
  }

  #disconnect(): void {
    this.#opened?.connection.close();
    this.#opened = undefined;
  }
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The image knows better than SQLite why a page could not be had. */
function explained(error: unknown, image: DatabaseImage): unknown {
  if (!(error instanceof SnapshotError)) return error;
  if (image.fault !== undefined) return image.fault;
  if (error.kind === 'corrupt' && image.absentPages > 0) {
    return new SnapshotError('truncated', 'the database file is shorter than its own header says');
  }
  return error;
}

/** The first tries follow at once; then ever longer pauses let a burst of writes pass: 63 ms in all. */
function pause(tries: number): void {
  if (tries < 4) return;
  const ms = Math.min(2 ** (tries - 4), 16);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
