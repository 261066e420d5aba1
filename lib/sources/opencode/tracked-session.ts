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
import { readSessionRow, type SessionRow } from './session-row.ts';
import { messageTableOf, type SessionTable } from './session-tables.ts';

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
  const isRowRead = change.row || same === undefined;
  const known = isRowRead ? readSessionRow(view, schemaVersion, table, id) : same.row;
  if (known === undefined) return undefined;
  const hasNewMessages = !isRowRead && known.messages === 'message' && writesMessages(change);
  const row = hasNewMessages ? { ...known, messages: messageTableOf(view, schemaVersion, table, id) } : known;
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
    conversation: conversationOf({ view, schemaVersion, row, before: same, change }),
    todos,
    ...touched,
  };
}

function conversationOf({
  view,
  schemaVersion,
  row,
  before,
  change,
}: Pick<TrackedRead, 'view' | 'schemaVersion' | 'before' | 'change'> & {
  readonly row: SessionRow;
}): Conversation {
  const { id, messages } = row;
  const known = before?.row.messages === messages ? before.conversation : undefined;
  if (known !== undefined && !writesMessages(change)) return known;
  if (messages === 'session_message') return readConversationV2(view, schemaVersion, id, known);
  return readConversation(view, id, known, known === undefined ? 'all' : change.conversation);
}

function writesMessages({ conversation: written }: TrackedChange): boolean {
  return written === 'all' || written.messages.size + written.parts.size > 0;
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
  const { table, messages, overflows, tokens, cost, ...row } = tracked.row;
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
