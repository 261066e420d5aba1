import type { SqlConnection, SqlEngine, SqlParameter } from '../../lib/sources/sqlite/sql-engine.ts';

/** A statement that a refresh ran. */
export interface Ran {
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
}

/** An engine that records the statements of its connections, so that another SQLite can run them too. */
export class RecordingEngine implements SqlEngine {
  readonly readsPages: boolean;
  readonly #engine: SqlEngine;
  #ran: Ran[] = [];

  constructor(engine: SqlEngine) {
    this.#engine = engine;
    this.readsPages = engine.readsPages;
  }

  /** Returns the statements since the last call. */
  take(): Ran[] {
    const ran = this.#ran;
    this.#ran = [];
    return ran;
  }

  connect: SqlEngine['connect'] = (image, nowMs) => {
    const connection = this.#engine.connect(image, nowMs);
    return {
      begin: () => connection.begin(),
      end: () => connection.end(),
      close: () => connection.close(),
      select: (sql, parameters, deadlineMs) => {
        this.#ran.push({ sql, parameters });
        return connection.select(sql, parameters, deadlineMs);
      },
    } satisfies SqlConnection;
  };
}
