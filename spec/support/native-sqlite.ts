import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Connection from '@signalapp/sqlcipher';

/** A value of a column. */
export type Cell = string | number | null | Uint8Array<ArrayBuffer>;

/** A row by the names of its columns. */
type NativeRow = Record<string, Cell>;

/** A prepared statement; its connection closes it. */
export interface NativeStatement {
  all(...parameters: Cell[]): NativeRow[];
  get(...parameters: Cell[]): NativeRow | undefined;
  run(...parameters: Cell[]): void;
}

/**
 * A connection of native SQLite 3.53, with the foreign keys that opencode switches on. The package is SQLCipher, which
 * without a key is SQLite with a safer setting: `secure_delete` would write pages that opencode leaves alone.
 */
export class NativeDatabase {
  readonly #connection: Connection;
  #isOpen = true;

  /** Opens or creates a database. Throws if it cannot. */
  constructor(path: string) {
    this.#connection = new Connection(path);
    this.#connection.exec('pragma secure_delete = off; pragma foreign_keys = on');
  }

  /** Runs statements without parameters. */
  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  prepare(sql: string): NativeStatement {
    const statement = this.#connection.prepare(sql);
    return {
      all: (...parameters) => statement.all<NativeRow>(parameters),
      get: (...parameters) => statement.get<NativeRow>(parameters),
      run: (...parameters) => void statement.run(parameters),
    };
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Closes the connection and its statements; the last connection removes `-wal` and `-shm`. Throws if it is closed. */
  close(): void {
    this.#connection.close();
    this.#isOpen = false;
  }
}

/**
 * Returns what `read` finds in a copy of a database and its `-wal`, made in `scratch`. The files stay as they are: a connection to them would
 * write its WAL back when it closes.
 */
export function readCopy<T>(path: string, read: (database: NativeDatabase) => T, scratch = tmpdir()): T {
  const folder = mkdtempSync(join(scratch, 'otop-copy-'));
  const copy = join(folder, 'copy.db');
  try {
    copyFileSync(path, copy);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
    const database = new NativeDatabase(copy);
    try {
      return read(database);
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
