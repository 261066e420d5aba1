import type { SnapshotView } from '../sqlite/snapshot.ts';

/** The columns that a table has in this database; empty if there is no such table. */
export type Columns = ReadonlySet<string>;

/**
 * opencode's tables in a database, by `pragma table_info`. Versions differ in columns and their order, and an upgraded
 * database keeps the old order, so columns are always selected by name (opencode.md, "Tables and columns").
 */
export interface SchemaVersion {
  /** opencode 1.2 and newer. A row is a stale copy if `session_v2` has the same id. */
  readonly session: Columns;
  readonly todo: Columns;
  /** opencode 2: `session_v2` with its messages in `session_message` (which exists, empty, from 1.14.34 on). */
  readonly sessionV2: Columns;
  /** True if session rows have sums of tokens and cost (1.15 and newer). */
  readonly hasRollups: boolean;
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
};

const rollupColumns = ['tokens_input', 'tokens_output'];

/** Reads the tables and columns of a database: one statement over `pragma_table_info`, a fraction of a millisecond. */
export function readSchemaVersion(view: SnapshotView): SchemaVersionReading {
  const tables = new Map<string, Set<string>>(
    [...Object.keys(needed), 'todo'].map((table) => [table, new Set()]),
  );
  for (const row of view.select(everyColumn)) tables.get(String(row.table_name))?.add(String(row.name));
  const one = missingIn(tables, ['session', 'message', 'part']);
  const two = missingIn(tables, ['session_v2', 'session_message']);
  if (one.length > 0 && two.length > 0) return { kind: 'unknown', found: describe(view, one) };
  const session = one.length > 0 ? emptyColumns : columnsIn(tables, 'session');
  const sessionV2 = two.length > 0 ? emptyColumns : columnsIn(tables, 'session_v2');
  return {
    kind: 'known',
    schemaVersion: {
      session,
      sessionV2,
      todo: columnsIn(tables, 'todo'),
      hasRollups: rollupColumns.every((name) => session.has(name)),
    },
  };
}

const emptyColumns: Columns = new Set();

const everyColumn = `select m.name as table_name, c.name as name from sqlite_master m, pragma_table_info(m.name) c
  where m.type = 'table' and m.name in ('session', 'message', 'part', 'todo', 'session_v2', 'session_message')`;

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
