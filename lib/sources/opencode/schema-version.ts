import { asTime, at, parseObject } from '../json.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';

/** The columns that a table has in this database; empty if there is no such table. */
export type Columns = ReadonlySet<string>;

/**
 * opencode's tables in a database, by `pragma table_info`. Versions differ in columns and their order, and an upgraded
 * database keeps the old order, so columns are always selected by name (opencode.md, "Tables and columns").
 */
export interface SchemaVersion {
  /** opencode 1.2 and newer, and 2 before its release. A row is a stale copy if `session_v2` has the same id. */
  readonly session: Columns;
  /** opencode 1.2 and newer; empty if `part` is missing. */
  readonly message: Columns;
  readonly todo: Columns;
  /** opencode 2.x. */
  readonly sessionV2: Columns;
  /** The messages of opencode 2. The table exists, empty, in 1.14.34 and newer. */
  readonly sessionMessage: Columns;
  /** The tables with the prompts that wait, each with the condition for a row that waits still. */
  readonly queues: readonly { readonly table: string; readonly waits: string }[];
  /** When the import of opencode 1's sessions into `session_v2` was completed (epoch ms); undefined if it was not. */
  readonly importEndedAtMs: number | undefined;
}

/** The result of `readSchemaVersion`. */
export type SchemaVersionReading =
  | { readonly kind: 'known'; readonly schemaVersion: SchemaVersion }
  /** `found` says which tables or columns were found or are missing. */
  | { readonly kind: 'unknown'; readonly found: string };

/** The columns that otop cannot do without; every version from 1.2.1 to 1.18, and 2, has them. */
const needed: Readonly<Record<string, readonly string[]>> = {
  session: ['id', 'directory', 'time_created', 'time_updated'],
  message: ['id', 'session_id', 'time_created', 'time_updated', 'data'],
  part: ['id', 'message_id', 'session_id', 'time_created', 'time_updated', 'data'],
  session_v2: ['id', 'directory', 'time_created', 'time_updated'],
  session_message: ['id', 'session_id', 'type', 'seq', 'time_created', 'time_updated', 'data'],
  kv: ['key', 'value', 'time_updated'],
};

/** The tables of prompts that wait, with the columns that otop reads (opencode-2.md, "Builds against the release"). */
const queueTables: Readonly<Record<string, readonly string[]>> = {
  session_input: ['session_id', 'promoted_seq', 'time_created'],
  session_pending: ['session_id', 'time_created'],
  session_inbox: ['session_id', 'type', 'time_created'],
};

/** The rows of each that are prompts and wait still; a delivered one leaves the other tables. */
const waitsIn: Readonly<Record<string, string>> = {
  session_input: 'promoted_seq is null',
  session_inbox: "type = 'user'",
};

/** Reads the tables and columns of a database: one statement over `pragma_table_info`, a fraction of a millisecond. */
export function readSchemaVersion(view: SnapshotView): SchemaVersionReading {
  const tables = new Map<string, Set<string>>(readTables.map((table) => [table, new Set()]));
  for (const row of view.select(everyColumn)) tables.get(String(row.table_name))?.add(String(row.name));
  const missing = (...names: string[]) => missingIn(tables, names);
  const present = (table: string, ...others: string[]) =>
    missing(table, ...others).length > 0 ? emptyColumns : columnsIn(tables, table);
  const sessionMessage = present('session_message');
  const message = present('message', 'part');
  const hasMessages = message.size + sessionMessage.size > 0;
  const session = hasMessages ? present('session') : emptyColumns;
  const sessionV2 = present('session_v2', 'session_message');
  if (session.size + sessionV2.size === 0)
    return { kind: 'unknown', found: describe(view, missing('session', 'message', 'part')) };
  const queues = Object.entries(queueTables).flatMap(([table, columns]) => {
    const isThere = columns.every((name) => columnsIn(tables, table).has(name));
    return isThere ? [{ table, waits: waitsIn[table] ?? 'true' }] : [];
  });
  const hasImport = session.size > 0 && sessionV2.size > 0 && missing('kv').length === 0;
  const importEndedAtMs = hasImport ? importEnd(view) : undefined;
  const todo = columnsIn(tables, 'todo');
  return {
    kind: 'known',
    schemaVersion: { session, message, todo, sessionV2, sessionMessage, queues, importEndedAtMs },
  };
}

/** When the import from opencode 1 was completed (epoch ms; opencode-2.md, "Import from opencode 1"); else undefined. */
function importEnd(view: SnapshotView): number | undefined {
  const [row] = view.select("select value, time_updated from kv where key = 'migration.v1-v2'");
  return at(parseObject(row?.value), 'phase') === 'completed' ? asTime(row?.time_updated) : undefined;
}

/** The generations of opencode that wrote into a database. */
interface Generations {
  readonly one: boolean;
  readonly two?: 'released' | 'before release';
  /** The state of the import from opencode 1 into `session_v2`; absent if none was begun. */
  readonly importOfOne?: 'completed' | 'under way';
}

/**
 * Says which generations of opencode wrote into a database; undefined if otop cannot read its tables. Before its release
 * opencode 2 kept its sessions in the table of opencode 1 (opencode-2.md, "Tables of the builds"). Tables without rows
 * count as those of opencode 1, except `session_v2`.
 */
export function generationsIn(view: SnapshotView): Generations | undefined {
  const reading = readSchemaVersion(view);
  if (reading.kind === 'unknown') return undefined;
  const { session, message, sessionV2, sessionMessage } = reading.schemaVersion;
  const hasRows = (table: string, columns: Columns) =>
    columns.size > 0 && view.select(`select 1 from ${table} limit 1`).length > 0;
  const isReleased = sessionV2.size > 0;
  const isBuild = !isReleased && session.size > 0 && hasRows('session_message', sessionMessage);
  const hasKv =
    view.select("select 1 from pragma_table_info('kv') where name in ('key', 'value')").length === 2;
  const [row] = hasKv ? view.select("select value from kv where key = 'migration.v1-v2'") : [];
  const phase = at(parseObject(row?.value), 'phase');
  return {
    one: session.size > 0 && (!isBuild || hasRows('message', message)),
    ...(isReleased ? { two: 'released' } : isBuild ? { two: 'before release' } : {}),
    ...(row === undefined ? {} : { importOfOne: phase === 'completed' ? 'completed' : 'under way' }),
  };
}

const emptyColumns: Columns = new Set();

const readTables = [...Object.keys(needed), 'todo', ...Object.keys(queueTables)];

const everyColumn = `select m.name as table_name, c.name as name from sqlite_master m, pragma_table_info(m.name) c
  where m.type = 'table' and m.name in (${readTables.map((table) => `'${table}'`).join(', ')})`;

function columnsIn(tables: ReadonlyMap<string, Columns>, table: string): Columns {
  return tables.get(table) ?? emptyColumns;
}

/** Returns `table` for a missing table, `table.column` for a missing column. */
function missingIn(tables: ReadonlyMap<string, Columns>, names: readonly string[]): string[] {
  return names.flatMap((table) => {
    const columns = columnsIn(tables, table);
    if (columns.size === 0) return [table];
    return (needed[table] ?? []).filter((name) => !columns.has(name)).map((name) => `${table}.${name}`);
  });
}

function describe(view: SnapshotView, missing: readonly string[]): string {
  const names = view
    .select("select name from sqlite_master where type = 'table' order by name limit 12")
    .map((row) => String(row.name));
  return `no ${missing.join(', ')}; tables found: ${names.length === 0 ? 'none' : names.join(', ')}`;
}
