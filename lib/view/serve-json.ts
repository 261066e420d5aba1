import type { Board, Row } from '../domain/board/board.ts';
import type { SummaryFields } from '../domain/schema/events.ts';
import {
  type FlatEntry,
  type FlatTotals,
  type ServeDocument,
  serveSchemaVersion,
} from '../domain/schema/serve.ts';
import { latest, type Session } from '../domain/session/session.ts';
import type { TodoItem } from '../domain/session/session-detail.ts';
import { summaryOf } from './board-feed.ts';
import { sessionEntry } from './sessions-json.ts';

/** Gives a session's todos in their order; undefined if they are not known. */
export type TodosOf = (session: Session) => readonly TodoItem[] | undefined;

/**
 * Encodes the Board for `GET /sessions`: the entries and sums of `otop sessions` in the form of the Go otop. The Go otop
 * omits processes without a session, and its readers may need a title in every entry, so such processes are in a list of
 * their own.
 */
export function serveDocument(board: Board, todosOf: TodosOf): ServeDocument {
  const { counts, needs_you_count, unread_count, today, all_time, totals_progress, troubles } =
    summaryOf(board);
  return {
    schema_version: serveSchemaVersion,
    timestamp: board.atMs,
    sessions: board.rows.flatMap((row) => flatEntry(row, board.atMs, todosOf) ?? []),
    processes: board.rows
      .filter(({ session }) => session === undefined)
      .map((row) => sessionEntry(row, board.atMs)),
    counts,
    needs_you_count,
    unread_count,
    today: flatTotals(today),
    global: flatTotals(all_time),
    totals_progress,
    troubles: troubles.map(({ source, text }) => ({ source, text })),
    demo: board.demo,
  };
}

/**
 * Encodes a row without nesting, plus the field names of the Go otop: `model` is the name without its provider,
 * `total_input_tokens` includes cached tokens, and `todos` is the list of todos. Returns undefined without a session.
 */
function flatEntry(row: Row, atMs: number, todosOf: TodosOf): FlatEntry | undefined {
  const { session: entry, schema_version: _version, ...ofProcess } = sessionEntry(row, atMs);
  const { session } = row;
  if (session === undefined || entry === null) return undefined;
  const { id, model, todos, ...ofSession } = entry;
  const { tokens } = entry;
  return {
    ...ofProcess,
    ...ofSession,
    session_id: id,
    model: session.model?.modelId ?? null,
    model_id: model,
    total_input_tokens: tokens ? tokens.input + tokens.cache_read : null,
    total_output_tokens: tokens?.output ?? null,
    total_cache_read: tokens?.cache_read ?? null,
    last_message_time: lastMessageMs(session),
    todos: todosOf(session)?.map(todoEntry) ?? null,
    todo_count: todos,
  };
}

function lastMessageMs({ newestUser, newestAssistant }: Session): number | null {
  return latest([newestUser?.createdAtMs, newestAssistant?.createdAtMs]) ?? null;
}

function todoEntry({ content, status, priority }: TodoItem): NonNullable<FlatEntry['todos']>[number] {
  return { content, status, priority: priority ?? null };
}

/** The fields are present even if nothing is known, because readers of the Go otop expect them. */
function flatTotals(totals: SummaryFields['today']): FlatTotals {
  return {
    session_count: totals?.session_count ?? null,
    message_count: totals?.message_count ?? null,
    total_input: totals ? totals.tokens.input + totals.tokens.cache_read : null,
    total_output: totals?.tokens.output ?? null,
    cost: totals?.cost ?? null,
  };
}
