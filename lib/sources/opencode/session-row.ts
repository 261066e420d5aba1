import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Session, TokenCount } from '../../domain/session/session.ts';
import { asDisplay, asNumber, asObjects, asSessionId, asText, asTime, at, parseObject } from '../json.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { modelOf } from './message-row.ts';
import type { Columns, SchemaVersion } from './schema-version.ts';
import { messageTableSql, rowsOf, type SessionTable, type SessionTables } from './session-tables.ts';

/** A session's own row, as fields of `Session`. */
export interface SessionRow
  extends Pick<
      Session,
      | 'id'
      | 'parentId'
      | 'title'
      | 'directory'
      | 'directoryPath'
      | 'version'
      | 'agent'
      | 'model'
      | 'createdAtMs'
      | 'updatedAtMs'
      | 'archivedAtMs'
      | 'interactive'
      | 'reverted'
      | 'tokens'
      | 'cost'
      | 'claimedAtMs'
      | 'idleAtMs'
      | 'viewedAtMs'
    >,
    SessionTables {
  /** True if the row may not fit its leaf page: columns after a large `summary_diffs` are then in overflow pages. */
  readonly overflows: boolean;
}

const wantedColumns = [
  'id',
  'parent_id',
  'title',
  'directory',
  'version',
  'agent',
  'model',
  'time_created',
  'time_updated',
  'time_archived',
  'time_idle',
  'time_viewed',
  'time_suspended',
  'revert',
  'permission',
  'cost',
  'tokens_input',
  'tokens_output',
  'tokens_reasoning',
  'tokens_cache_read',
  'tokens_cache_write',
];

/** Columns without a small maximum length. */
const longColumns = ['title', 'directory', 'summary_diffs', 'metadata', 'revert', 'permission', 'model'];
/** An upper limit for the other columns of a row and its header. */
const maxOtherBytes = 500;

/** The columns of one table of sessions. */
function columnsOf(schemaVersion: SchemaVersion, table: SessionTable): Columns {
  return table === 'session' ? schemaVersion.session : schemaVersion.sessionV2;
}

/**
 * Reads a session's row; undefined if there is none. Costs one index look-up. A large `summary_diffs` adds its overflow
 * pages (3 to 8 ms for 2.3 MB), since the time columns come after it in every version.
 */
export function readSessionRow(
  view: SnapshotView,
  schemaVersion: SchemaVersion,
  table: SessionTable,
  id: string,
): SessionRow | undefined {
  const columns = columnsOf(schemaVersion, table);
  const names = wantedColumns.filter((name) => columns.has(name));
  const lengths = longColumns
    .filter((name) => columns.has(name))
    .map((name) => `ifnull(octet_length(${name}), 0)`);
  const [row] = view.select(
    `select ${names.join(', ')}, ${lengths.join(' + ')} as long_bytes,
      ${messageTableSql(schemaVersion, table)} as messages from ${rowsOf(schemaVersion, table)} where id = ?1`,
    [id],
  );
  if (row === undefined) return undefined;
  const messages = row.messages === 'session_message' ? 'session_message' : 'message';
  return omitUndefined({
    id,
    table,
    messages,
    parentId: asSessionId(row.parent_id),
    title: asDisplay(row.title),
    directory: asDisplay(row.directory),
    directoryPath: asText(row.directory),
    version: asDisplay(row.version),
    agent: asDisplay(row.agent),
    model: modelOf(parseObject(row.model)),
    createdAtMs: asTime(row.time_created),
    updatedAtMs: asTime(row.time_updated),
    archivedAtMs: asTime(row.time_archived),
    interactive: !deniesQuestions(row.permission),
    reverted: parseObject(row.revert) !== undefined,
    ...(messages === 'message' || !isZero(row) ? rollupOf(row) : {}),
    claimedAtMs: asTime(row.time_suspended),
    idleAtMs: asTime(row.time_idle),
    viewedAtMs: asTime(row.time_viewed),
    overflows: (asNumber(row.long_bytes) ?? 0) + maxOtherBytes > view.pageSize,
  });
}

/**
 * True if a row's sums are all 0. The preview of opencode 2 never writes them (opencode-2.md, "Tables of the builds"), so
 * the sums of its sessions come from their messages.
 */
function isZero(row: Readonly<Record<string, unknown>>): boolean {
  return ['cost', 'tokens_input', 'tokens_output'].every((name) => (row[name] ?? 0) === 0);
}

/** The sums of tokens and cost on a session row; empty if it has none. */
function rollupOf(row: Readonly<Record<string, unknown>>): { tokens?: TokenCount; cost?: number } {
  const input = asNumber(row.tokens_input);
  const output = asNumber(row.tokens_output);
  if (input === undefined || output === undefined) return {};
  const tokens = {
    input,
    output,
    reasoning: asNumber(row.tokens_reasoning) ?? 0,
    cacheRead: asNumber(row.tokens_cache_read) ?? 0,
    cacheWrite: asNumber(row.tokens_cache_write) ?? 0,
  };
  return omitUndefined({ tokens, cost: asNumber(row.cost) });
}

/**
 * True for a `permission` column that denies questions. `opencode run` adds
 * `{"permission":"question","pattern":"*","action":"deny"}`.
 */
function deniesQuestions(permission: unknown): boolean {
  if (typeof permission !== 'string' || !permission.includes('question')) return false;
  return denyQuestions(at(parseObject(`{"rules":${permission}}`), 'rules'));
}

/** True if permission rules deny the question tool, as those of `opencode run` do. */
export function denyQuestions(rules: unknown): boolean {
  return asObjects(rules).some(({ permission, action }) => permission === 'question' && action === 'deny');
}
