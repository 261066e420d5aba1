import type { Board, Row } from '../domain/board/board.ts';
import type { Session, Totals } from '../domain/session/session.ts';
import { latest } from '../domain/session/session.ts';
import type { TodoItem } from '../domain/session/session-detail.ts';
import { sessionEntry } from './sessions-json.ts';

/** Goes up when a key changes its meaning or goes away; new keys do not count. */
const serveSchemaVersion = 1;

/** Gives a session's todos in their order; undefined where they are not known. */
export type TodosOf = (session: Session) => readonly TodoItem[] | undefined;

/**
 * The Board as `GET /sessions` gives it: a superset of the Go otop's. That one leaves processes without a session
 * out, and what reads it may not expect an entry without a title: they stand by themselves, as in `otop sessions`.
 */
export function serveDocument(board: Board, todosOf: TodosOf) {
  return {
    schema_version: serveSchemaVersion,
    timestamp: board.atMs,
    sessions: board.rows.flatMap((row) => flatEntry(row, board.atMs, todosOf) ?? []),
    processes: board.rows
      .filter(({ session }) => session === undefined)
      .map((row) => sessionEntry(row, board.atMs)),
    counts: board.counts,
    needs_you_count: board.needsYouCount,
    unread_count: board.unreadCount,
    today: totalsEntry(board.today),
    global: totalsEntry(board.allTime),
    totals_progress: board.totalsProgress ?? null,
    troubles: board.troubles.map(({ source, text }) => ({ source, text })),
    demo: board.demo,
  };
}

/**
 * An entry of `otop sessions` laid flat, with the Go otop's names beside: there `model` is the model's name alone,
 * `total_input_tokens` has the cached ones in it, and `todos` are the todos themselves.
 */
function flatEntry(row: Row, atMs: number, todosOf: TodosOf) {
  const { session: entry, schema_version: _version, ...ofProcess } = sessionEntry(row, atMs);
  const { session } = row;
  if (session === undefined || entry === null) return undefined;
  const { id, model, todos, ...ofSession } = entry;
  return {
    ...ofProcess,
    ...ofSession,
    session_id: id,
    model: session.model?.modelId ?? null,
    model_id: model,
    total_input_tokens: session.tokens ? session.tokens.input + session.tokens.cacheRead : null,
    total_output_tokens: session.tokens?.output ?? null,
    total_cache_read: session.tokens?.cacheRead ?? null,
    last_message_time: lastMessageMs(session),
    todos: todosOf(session)?.map(todoEntry) ?? null,
    todo_count: todos,
  };
}

function lastMessageMs({ newestUser, newestAssistant }: Session): number | null {
  return latest([newestUser?.createdAtMs, newestAssistant?.createdAtMs]) ?? null;
}

function todoEntry({ content, status, priority }: TodoItem) {
  return { content, status, priority: priority ?? null };
}

/** Its keys are there also where nothing is known: what reads the Go otop's looks into it without a question. */
function totalsEntry(totals: Totals | undefined) {
  const tokens = totals?.tokens;
  return {
    session_count: totals?.sessionCount ?? null,
    message_count: totals?.messageCount ?? null,
    total_input: tokens ? tokens.input + tokens.cacheRead : null,
    total_output: tokens?.output ?? null,
    cost: totals?.cost ?? null,
  };
}
