import { readFileSync } from 'node:fs';
import { type Cell, NativeDatabase } from './native-sqlite.ts';
import { createIds } from './opencode-ids.ts';
import { type SessionStart, SessionWriter } from './session-writer.ts';

/** Versions whose real schema is in spec/fixtures/schema; '1.2.1' and '2.0' are derived from other versions. */
export type SchemaVersion = '1.2.1' | '1.2.27' | '1.14.41' | '1.15.13' | '1.17.19' | '1.18.33' | '2.0';

const fixtures = new URL('../fixtures/schema/', import.meta.url);

/** Returns the SQL that creates a version's empty database. */
function schemaOf(version: SchemaVersion): string {
  const read = (name: string) => readFileSync(new URL(`${name}.sql`, fixtures), 'utf8');
  if (version === '2.0') return read('1.18.33') + read('2.0-session-v2');
  if (version === '1.2.1') {
    return read('1.2.27')
      .replace(', `workspace_id` text', '')
      .replace(/CREATE INDEX `session_workspace_idx`.*;\n/, '');
  }
  return read(version);
}

/**
 * An opencode database, written by real SQLite in WAL mode, that a spec can bring into any state:
 *
 *     const db = new OpencodeDatabase(join(folder, 'opencode.db'), '1.18.33');
 *     db.session({ title: 'Fix it', directory: '/home/u/a', atMs: noon }).prompt('fix it').step().tool('bash', { command: 'ls' });
 *
 * `close()` deletes `-wal` and `-shm` unless another connection is open, as SQLite does.
 */
export class OpencodeDatabase {
  readonly path: string;
  readonly version: SchemaVersion;
  readonly newId = createIds();
  readonly #sql: NativeDatabase;
  readonly #columns = new Map<string, ReadonlySet<string>>();

  constructor(path: string, version: SchemaVersion = '1.18.33', options: { pageSize?: number } = {}) {
    this.path = path;
    this.version = version;
    this.#sql = new NativeDatabase(path);
    if (options.pageSize !== undefined) this.#sql.exec(`pragma page_size = ${options.pageSize}`);
    this.#sql.exec('pragma journal_mode = wal; pragma foreign_keys = on; pragma synchronous = normal');
    const known = this.#sql.prepare("select count(*) as n from sqlite_master where name = 'session'").get();
    if (known?.n === 0) this.#sql.exec(schemaOf(version));
    this.insert(
      'project',
      { id: 'global', worktree: '/', time_created: 1, time_updated: 1, sandboxes: '[]' },
      'or ignore',
    );
  }

  /** Creates a session and returns its writer. */
  session(start: SessionStart): SessionWriter {
    return new SessionWriter(this, start);
  }

  /** True if the session row has sums of tokens and cost (1.15 and newer). */
  get hasRollups(): boolean {
    return (this.#columns.get('session') ?? this.#readColumns('session')).has('tokens_input');
  }

  /** Inserts one row; skips columns that this version's table lacks. */
  insert(table: string, row: Readonly<Record<string, Cell | undefined>>, conflict = ''): void {
    const entries = this.#known(table, row);
    const names = entries.map(([name]) => `\`${name}\``).join(', ');
    const marks = entries.map(() => '?').join(', ');
    this.#sql
      .prepare(`insert ${conflict} into \`${table}\` (${names}) values (${marks})`)
      .run(...entries.map(([, value]) => value));
  }

  /** Updates the given columns of the row with this id. */
  update(table: string, id: string, row: Readonly<Record<string, Cell | undefined>>): void {
    const entries = this.#known(table, row);
    const sets = entries.map(([name]) => `\`${name}\` = ?`).join(', ');
    this.#sql
      .prepare(`update \`${table}\` set ${sets} where id = ?`)
      .run(...entries.map(([, value]) => value), id);
  }

  /** Runs any statement. */
  run(sql: string, ...parameters: Cell[]): void {
    this.#sql.prepare(sql).run(...parameters);
  }

  /** Returns the rows of any query. */
  rows(sql: string, ...parameters: Cell[]): Record<string, unknown>[] {
    return this.#sql.prepare(sql).all(...parameters);
  }

  /** Runs `write` in one commit. */
  transaction(write: () => void): void {
    this.#sql.exec('begin');
    write();
    this.#sql.exec('commit');
  }

  checkpoint(mode: 'passive' | 'full' | 'restart' | 'truncate' = 'truncate'): void {
    this.#sql.exec(`pragma wal_checkpoint(${mode})`);
  }

  close(): void {
    this.#sql.close();
  }

  #known(table: string, row: Readonly<Record<string, Cell | undefined>>): [string, Cell][] {
    const columns = this.#columns.get(table) ?? this.#readColumns(table);
    return Object.entries(row).flatMap(([name, value]) =>
      value === undefined || !columns.has(name) ? [] : [[name, value] satisfies [string, Cell]],
    );
  }

  #readColumns(table: string): ReadonlySet<string> {
    const names = this.#sql.prepare('select name from pragma_table_info(?)').all(table);
    const columns = new Set(names.map((row) => String(row.name)));
    this.#columns.set(table, columns);
    return columns;
  }
}
