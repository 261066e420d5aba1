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
  if (table === 'session_v2') return 'session_message';
  const [first = 'message', second] = messageTables(schemaVersion);
  if (second === undefined) return first;
  return view.select(`select ${hasRowsV2('?')} as found`, [id])[0]?.found === 1 ? first : second;
}

/** An SQL expression: 1 if `session_message` has rows of the session with this id, else 0. */
export function hasRowsV2(id: string): string {
  return `exists(select 1 from session_message where session_id = ${id})`;
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
