import type { SnapshotView } from '../sqlite/snapshot.ts';
import type { SchemaVersion } from './schema-version.ts';

/** The tables that hold sessions: that of opencode 1 and of the builds of 2 before its release, and that of 2.x. */
export type SessionTable = 'session' | 'session_v2';

/** The tables that hold messages: opencode 1's, with parts in `part`, and opencode 2's. */
export type MessageTable = 'message' | 'session_message';

/** The tables of one session: the one with its row, and the one with its messages. */
export interface SessionTables {
  readonly table: SessionTable;
  readonly messages: MessageTable;
}

/** The session tables of a database, `session_v2` first: the importer of 2 copies sessions of 1 under the same id. */
export function sessionTables({ session, sessionV2 }: SchemaVersion): readonly SessionTable[] {
  if (sessionV2.size === 0) return ['session'];
  return session.size === 0 ? ['session_v2'] : ['session_v2', 'session'];
}

/** The message tables of a database, opencode 2's first. */
export function messageTables({ message, sessionMessage }: SchemaVersion): readonly MessageTable[] {
  if (sessionMessage.size === 0) return ['message'];
  return message.size === 0 ? ['session_message'] : ['session_message', 'message'];
}

/** The tables that may hold the messages of a session of this table, opencode 2's first. */
export function messageTablesFor(schemaVersion: SchemaVersion, table: SessionTable): readonly MessageTable[] {
  return table === 'session_v2' ? ['session_message'] : messageTables(schemaVersion);
}

/**
 * The rows of a session table that count, for a `from` clause. After the import into opencode 2, a row of opencode 1
 * counts only if it is newer than the import: without a copy in `session_v2`, 2.x has deleted the session (opencode-2.md,
 * "Import from opencode 1").
 */
export function rowsOf({ importEndedAtMs }: SchemaVersion, table: SessionTable): string {
  if (table === 'session_v2' || importEndedAtMs === undefined) return table;
  return `(select * from session where time_updated > ${importEndedAtMs})`;
}

/**
 * The message table of a session. Rows in `session_message` decide, since the builds of 2 before its release keep their
 * sessions in `session` (opencode-2.md, "Tables of the builds"). Costs one look-up in an index if both tables exist.
 */
export function messageTableOf(
  view: SnapshotView,
  schemaVersion: SchemaVersion,
  table: SessionTable,
  id: string,
): MessageTable {
  const [only = 'message', other] = messageTablesFor(schemaVersion, table);
  if (other === undefined) return only;
  const [row] = view.select(`select ${messageTableSql(schemaVersion, table)} as messages`, [id]);
  return row?.messages === 'session_message' ? 'session_message' : 'message';
}

/** The same as an SQL expression, in which `?1` is the session's id. */
export function messageTableSql(schemaVersion: SchemaVersion, table: SessionTable): string {
  const [only = 'message', other] = messageTablesFor(schemaVersion, table);
  if (other === undefined) return `'${only}'`;
  const hasRows = 'exists(select 1 from session_message where session_id = ?1)';
  return `case when ${hasRows} then 'session_message' else 'message' end`;
}

/** The tables of a session; undefined if there is no such session. */
export function tablesOf(
  view: SnapshotView,
  schemaVersion: SchemaVersion,
  id: string,
): SessionTables | undefined {
  const table = sessionTables(schemaVersion).find(
    (each) =>
      view.select(`select 1 as found from ${rowsOf(schemaVersion, each)} where id = ?`, [id]).length > 0,
  );
  return table && { table, messages: messageTableOf(view, schemaVersion, table, id) };
}
