import { NativeDatabase, type NativeStatement } from '../../spec/support/native-sqlite.ts';
import type { Ran } from './recording-engine.ts';

/** Runs statements through native SQLite, on its own connection. */
export class NativeReader {
  readonly #sql: NativeDatabase;
  readonly #statements = new Map<string, NativeStatement>();

  constructor(path: string) {
    this.#sql = new NativeDatabase(path);
    this.#sql.exec('pragma query_only = on');
  }

  /** Runs the statements in one read transaction and returns the number of rows. Prepares each statement once. */
  run(statements: readonly Ran[]): number {
    let rows = 0;
    this.#sql.exec('begin');
    for (const { sql, parameters } of statements) rows += this.#prepared(sql).all(...parameters).length;
    this.#sql.exec('commit');
    return rows;
  }

  close(): void {
    this.#sql.close();
  }

  #prepared(sql: string): NativeStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#sql.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
