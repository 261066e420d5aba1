import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Session, TodoCount, TokenCount } from '../../domain/session/session.ts';
import { answeredBy, latest } from '../../domain/session/session.ts';
import { isDoneTodo } from '../../domain/session/session-detail.ts';
import { asNumber } from '../json.ts';
import { unlessDamaged } from '../sqlite/problem.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { type Conversation, readConversation, type WrittenRows } from './conversation.ts';
import { readConversationV2 } from './conversation-v2.ts';
import type { SchemaVersion } from './schema-version.ts';
import { readSessionRow, type SessionRow, type SessionTable } from './session-row.ts';

/** A session that is read again after each change: its row, conversation and todos as last read. */
export interface TrackedSession {
  readonly row: SessionRow;
  readonly conversation: Conversation;
  readonly todos: TodoCount | undefined;
  /** The time of the last look that found a change of the session (epoch ms). */
  readonly touchedAtMs?: number;
}

/** The parts of a known session to read again. */
export interface TrackedChange {
  readonly row: boolean;
  readonly todos: boolean;
  /** The written messages and parts; 'all' if others may have changed too. */
  readonly conversation: WrittenRows | 'all';
  /** The current time (epoch ms) if a written page named the session. */
  readonly touchedAtMs: number | undefined;
}

/** The input of `readTracked`. */
export interface TrackedRead {
  readonly view: SnapshotView;
  readonly schemaVersion: SchemaVersion;
  readonly table: SessionTable;
  readonly id: string;
  /** The session as last read; undefined on the first read. */
  readonly before: TrackedSession | undefined;
  readonly change: TrackedChange;
}

/** Reads a session in full, or the parts of it that may have changed. Returns undefined if it is gone. */
export function readTracked({
  view,
  schemaVersion,
  table,
  id,
  before,
  change,
}: TrackedRead): TrackedSession | undefined {
  const same = before?.row.table === table ? before : undefined;
  const row = change.row || same === undefined ? readSessionRow(view, schemaVersion, table, id) : same.row;
  if (row === undefined) return undefined;
  const touched = omitUndefined({ touchedAtMs: change.touchedAtMs ?? same?.touchedAtMs });
  const todos =
    change.todos || same === undefined
      ? unlessDamaged(
          () => readTodoCount(view, schemaVersion, id),
          () => undefined,
        )
      : same.todos;
  return {
    row,
    conversation: conversationOf(view, table, id, same?.conversation, change),
    todos,
    ...touched,
  };
}

function conversationOf(
  view: SnapshotView,
  table: SessionTable,
  id: string,
  before: Conversation | undefined,
  { conversation: written }: TrackedChange,
): Conversation {
  if (before !== undefined && written !== 'all' && written.messages.size + written.parts.size === 0)
    return before;
  if (table === 'session_v2') return readConversationV2(view, id, before);
  return readConversation(view, id, before, before === undefined ? 'all' : written);
}

/** Counts a session's todos; undefined if there are none. */
function readTodoCount(view: SnapshotView, schemaVersion: SchemaVersion, id: string): TodoCount | undefined {
  if (!schemaVersion.todo.has('status')) return undefined;
  const rows = view.select('select status, count(*) as n from todo where session_id = ? group by status', [
    id,
  ]);
  const countOf = (fits: (status: unknown) => boolean) =>
    rows.reduce((sum, row) => sum + (fits(row.status) ? (asNumber(row.n) ?? 0) : 0), 0);
  const total = countOf(() => true);
  return total === 0 ? undefined : { total, done: countOf(isDoneTodo) };
}

/** Converts a tracked session to the domain's `Session`. `sums` replace missing sums of the row. */
export function sessionOf(
  tracked: TrackedSession,
  databasePath: string,
  sums: { readonly tokens: TokenCount; readonly cost: number } | undefined,
): Session {
  const { table, overflows, tokens, cost, ...row } = tracked.row;
  const { activeAtMs, ...facts } = tracked.conversation.facts;
  return {
    ...answeredBy(facts),
    ...row,
    ...facts,
    databasePath,
    ...omitUndefined({
      activeAtMs: latest([row.createdAtMs, row.updatedAtMs, activeAtMs]),
      todos: tracked.todos,
      tokens: tokens ?? sums?.tokens,
      cost: tokens === undefined ? sums?.cost : cost,
    }),
  };
}
