import { omitUndefined } from '../../domain/omit-undefined.ts';
import type {
  HistoryMessage,
  HistoryTool,
  SessionDetail,
  TodoItem,
} from '../../domain/session/session-detail.ts';
import { type DisplayText, sanitize, sanitizeLines } from '../../text/sanitize.ts';
import { asDisplay, asObject, asObjects, asText, at, type JsonObject, parseObject } from '../json.ts';
import { readLastColumnHead } from '../sqlite/row-head.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { contentOf } from './conversation-v2.ts';
import { countSince } from './ledger.ts';
import { assistantOf, costOf, tokensOf } from './message-row.ts';
import { errorText, subjectOf, toolName, toolStatus } from './part-row.ts';
import type { SchemaVersion } from './schema-version.ts';
import { type MessageTable, tablesOf } from './session-tables.ts';
import { type RowStamp, readRowJson, type StampedJson, stampColumns, stampOf } from './sized-json.ts';
import { parseTruncated } from './truncated-json.ts';

/** The limit of a tool's input in characters. It is shown in a line or two, without the content of a written file. */
const maxInputLength = 1000;
/** A larger part is mostly a tool's output, which is not shown; the part's beginning has the other fields. */
const maxWholePartBytes = 8 * 1024;
const partHeadBytes = 4 * 1024;
const maxLines = 400;
const maxParts = 400;

/** The todos and the number of messages of one session; undefined if there is no such session. */
export function readDetail(
  view: SnapshotView,
  schemaVersion: SchemaVersion,
  sessionId: string,
): SessionDetail | undefined {
  const tables = tablesOf(view, schemaVersion, sessionId);
  if (tables === undefined) return undefined;
  const messageCount = countSince(view, tables.messages, sessionId, 0);
  return { sessionId, messageCount, todos: readTodos(view, schemaVersion, sessionId) };
}

/** A session's todos, by `position` if there is one, else in the order of writing. */
function readTodos(view: SnapshotView, { todo }: SchemaVersion, sessionId: string): TodoItem[] {
  if (!todo.has('content')) return [];
  const column = (name: string) => (todo.has(name) ? name : `null as ${name}`);
  const order = todo.has('position') ? 'position is null, position, rowid' : 'rowid';
  const rows = view.select(
    `select content, ${column('status')}, ${column('priority')} from todo where session_id = ? order by ${order} limit 500`,
    [sessionId],
  );
  return rows.flatMap((row) => {
    const content = asDisplay(row.content);
    if (content === undefined) return [];
    return [
      omitUndefined({
        content,
        status: asDisplay(row.status) ?? sanitize('pending'),
        priority: asDisplay(row.priority),
      }),
    ];
  });
}

/** A range of a session's messages, counted from 0 at the first one. */
export interface MessageRange {
  readonly from: number;
  readonly count: number;
}

/**
 * The messages `from` to `from + count` (exclusive) of a session, oldest first; none if there is no such session.
 * Skipping earlier messages walks the index (1 ms for 10,000); only the requested messages and their parts are read.
 */
export function readHistory(
  view: SnapshotView,
  schemaVersion: SchemaVersion,
  sessionId: string,
  range: MessageRange,
): HistoryMessage[] {
  const messages = tablesOf(view, schemaVersion, sessionId)?.messages;
  if (messages === undefined) return [];
  return messages === 'message' ? historyOne(view, sessionId, range) : historyTwo(view, sessionId, range);
}

function historyOne(view: SnapshotView, sessionId: string, { from, count }: MessageRange): HistoryMessage[] {
  const rows = view.select(
    `select ${stampColumns} from message where id in
      (select id from message where session_id = ? order by time_created, id limit ? offset ?) order by time_created, id`,
    [sessionId, count, Math.max(0, from)],
  );
  return rows.map((row) => {
    const message = readRowJson(view, 'message', stampOf(row), undefined);
    return historyMessage(message, roleName(at(message.data, 'role')), partsOf(view, message.id));
  });
}

function partsOf(view: SnapshotView, messageId: string): (JsonObject | undefined)[] {
  const rows = view.select(
    `select ${stampColumns}, case when octet_length(data) <= ${maxWholePartBytes} then data end as data
      from part where message_id = ? order by id limit ${maxParts}`,
    [messageId],
  );
  return rows.map((row) => (row.data === null ? largePart(view, stampOf(row)) : parseObject(row.data)));
}

function largePart(view: SnapshotView, stamp: RowStamp): JsonObject | undefined {
  const head = parseTruncated(readLastColumnHead(view, 'part', stamp.id, partHeadBytes) ?? '');
  return isEnough(head) ? head : readRowJson(view, 'part', stamp, undefined).data;
}

/** True if the cut fields are not shown. A text or an error is shown whole, a completed tool call up to its output. */
function isEnough(head: JsonObject | undefined): boolean {
  const type = at(head, 'type');
  if (type !== 'tool') return type !== undefined && type !== 'text';
  const status = toolStatus(at(head, 'state', 'status'));
  return status === 'completed' && asText(at(head, 'state', 'output')) !== undefined;
}

function historyTwo(view: SnapshotView, sessionId: string, { from, count }: MessageRange): HistoryMessage[] {
  const rows = view.select(
    `select ${stampColumns}, type from session_message where session_id = ? and type in ('user', 'assistant')
      order by seq limit ? offset ?`,
    [sessionId, count, Math.max(0, from)],
  );
  return rows.map((row) => {
    const message = readRowJson(view, 'session_message', stampOf(row), undefined);
    const text = asText(at(message.data, 'text'));
    const own = text === undefined ? [] : [{ type: 'text', text }];
    return historyMessage(message, roleName(row.type), [...own, ...contentOf(message.data)]);
  });
}

/** The author of a message: `user`, `assistant` or `other`. */
export function roleName(role: unknown): HistoryMessage['role'] {
  return role === 'user' || role === 'assistant' ? role : 'other';
}

/** Builds a message of the history from its row and the data of its parts. */
export function historyMessage(
  row: StampedJson,
  role: HistoryMessage['role'],
  parts: readonly (JsonObject | undefined)[],
): HistoryMessage {
  const { id, createdAtMs, completedAtMs, agent, model, finish, error } = assistantOf(row);
  const texts = parts.filter((part) => at(part, 'type') === 'text' && at(part, 'synthetic') !== true);
  const fields = { id, role, createdAtMs, completedAtMs, agent, model, finish, error };
  return omitUndefined({
    ...fields,
    tokens: role === 'assistant' ? tokensOf(row.data) : undefined,
    cost: role === 'assistant' ? costOf(row.data) : undefined,
    tools: parts.filter((part) => at(part, 'type') === 'tool').map(historyTool),
    lines: texts
      .flatMap((part) => sanitizeLines(asText(at(part, 'text')) ?? '', maxLines))
      .slice(0, maxLines),
  });
}

/** A tool call of the history. Its name is in `tool` in opencode 1, in `name` in 2. */
function historyTool(part: JsonObject | undefined): HistoryTool {
  const state = asObject(at(part, 'state'));
  const input = asObject(at(state, 'input'));
  return omitUndefined({
    tool: toolName(at(part, 'tool') ?? at(part, 'name')),
    status: toolStatus(at(state, 'status')),
    subject: subjectOf(input) ?? listed(input, 'questions', 'question') ?? listed(input, 'todos', 'content'),
    input: inputText(input),
    error: errorText(at(state, 'error')),
  });
}

/** The texts of a list in a tool's input (questions or todos) in one line; undefined if there are none. */
function listed(input: JsonObject | undefined, name: string, field: string): DisplayText | undefined {
  const texts = asObjects(at(input, name)).flatMap((each) => asDisplay(at(each, field)) ?? []);
  return texts.length === 0 ? undefined : sanitize(texts.join('; ').slice(0, maxInputLength));
}

function inputText(input: JsonObject | undefined): DisplayText | undefined {
  if (input === undefined || Object.keys(input).length === 0) return undefined;
  return sanitize(JSON.stringify(input).slice(0, maxInputLength));
}

/** An assistant message that was completed within a time span. */
export interface CompletedMessage {
  readonly sessionId: string;
  readonly completedAtMs: number;
  readonly data: JsonObject;
}

/** A span of time, `toMs` excluded (epoch ms). */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The assistant messages of a session that were completed within [fromMs, toMs). The query filters by creation time, so
 * it misses a message that took longer than an hour.
 */
export function readCompleted(
  view: SnapshotView,
  messages: MessageTable,
  sessionId: string,
  { fromMs, toMs }: TimeSpan,
): CompletedMessage[] {
  const rows = view.select(
    `select case when octet_length(data) <= 32768 then data end as data from ${messages}
      where session_id = ? and time_created >= ? and time_created < ? order by time_created desc limit 5000`,
    [sessionId, fromMs - 3600 * 1000, toMs],
  );
  return rows.flatMap((row) => {
    const data = parseObject(row.data);
    const completedAtMs = at(data, 'time', 'completed');
    const isIn = typeof completedAtMs === 'number' && completedAtMs >= fromMs && completedAtMs < toMs;
    return data !== undefined && isIn ? [{ sessionId, completedAtMs, data }] : [];
  });
}
