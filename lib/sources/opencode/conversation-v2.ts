import { omitUndefined } from '../../domain/omit-undefined.ts';
import { conversationFacts, type ReadableAssistant } from '../../domain/session/conversation-facts.ts';
import type { Part, ToolCall, UserMessage } from '../../domain/session/session.ts';
import { asArray, asDisplay, asNumber, asObject, asText, asTime, at, type JsonObject } from '../json.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import type { Conversation } from './conversation.ts';
import { assistantOf, contextOf } from './message-row.ts';
import { errorText, lastTextLine, subjectOf, toolName, toolStatus } from './part-row.ts';
import { readRowJson, type StampedJson, stampColumns, stampOf } from './sized-json.ts';

/** More than for opencode 1, since rows of other types (for example a change of the agent) are between the messages. */
const windowLength = 24;

const newestMessages = `select ${stampColumns}, type from session_message where session_id = ? order by seq desc limit ${windowLength}`;
const newestOf = `select ${stampColumns}, type from session_message where session_id = ? and type = ? order by seq desc limit 1`;
const countMessages =
  "select count(*) as n from session_message where session_id = ? and type in ('user', 'assistant')";

interface TypedRow extends StampedJson {
  readonly type: string;
}

/**
 * Reads one session of opencode 2 into the same facts as `readConversation`. Its messages are rows of `session_message`
 * ordered by `seq`; the parts of an assistant message are the `content` in its row (opencode-2.md, "Message rows"). Not
 * tested against a released version of 2.
 */
export function readConversationV2(
  view: SnapshotView,
  sessionId: string,
  before: Conversation | undefined,
): Conversation {
  const rows = new Map<string, StampedJson>();
  const load = (found: Readonly<Record<string, unknown>>): TypedRow => {
    const stamp = stampOf(found);
    const row = readRowJson(view, 'session_message', stamp, before?.memory.rows.get(stamp.id));
    rows.set(row.id, row);
    return { ...row, type: String(found.type) };
  };
  const window = view.select(newestMessages, [sessionId]).map(load);
  const newestOfType = (type: string) => view.select(newestOf, [sessionId, type]).map(load);
  const assistants = window.filter(({ type }) => type === 'assistant');
  const { facts } = conversationFacts({
    users: usersOf(window, () => newestOfType('user')),
    assistants: (assistants.length > 0 ? assistants : newestOfType('assistant')).map(assistantV2),
    timesMs: window.map((row) => row.updatedAtMs ?? row.createdAtMs),
  });
  const messageCount = asNumber(view.select(countMessages, [sessionId])[0]?.n) ?? 0;
  return { facts: { messageCount, ...facts }, memory: { rows } };
}

const userTypes: readonly string[] = ['user', 'compaction', 'synthetic'];

/** User messages, newest first: those in the window, then the newest prompt of the session. */
function* usersOf(window: readonly TypedRow[], earlier: () => readonly TypedRow[]): Iterable<UserMessage> {
  yield* window.filter(({ type }) => userTypes.includes(type)).map(userOf);
  yield* earlier().map(userOf);
}

function userOf(row: TypedRow): UserMessage {
  const kind = row.type === 'compaction' || row.type === 'synthetic' ? row.type : 'prompt';
  return omitUndefined({
    id: row.id,
    createdAtMs: row.createdAtMs,
    kind,
    text: asDisplay(at(row.data, 'text')),
  });
}

function assistantV2(row: StampedJson): ReadableAssistant {
  const { id, data, updatedAtMs } = row;
  const content = contentOf(data);
  return {
    id,
    message: () => ({
      ...assistantOf(row),
      parts: content.map((part, index) => partV2(part, `${id}:${index}`, updatedAtMs)),
    }),
    lastLine: () => lastTextLine(content),
    context: () => contextOf(id, data),
  };
}

/** The `content` array of a message of opencode 2. */
export function contentOf(data: JsonObject | undefined): JsonObject[] {
  return asArray(at(data, 'content'))
    .map(asObject)
    .filter((part) => part !== undefined);
}

function partV2(part: JsonObject, id: string, rowUpdatedAtMs: number | undefined): Part {
  const startedAtMs = asTime(at(part, 'time', 'created'));
  const endedAtMs = asTime(at(part, 'time', 'completed'));
  const updatedAtMs = endedAtMs ?? rowUpdatedAtMs;
  const type = at(part, 'type');
  if (type === 'tool') return { kind: 'tool', call: callV2(part, id, updatedAtMs) };
  if (type !== 'text' && type !== 'reasoning')
    return { kind: 'other', ...omitUndefined({ type: asDisplay(type), updatedAtMs }) };
  const hasText = asText(at(part, 'text')) !== undefined;
  return { kind: type, ...omitUndefined({ startedAtMs, endedAtMs, updatedAtMs, hasText }) };
}

function callV2(part: JsonObject, id: string, updatedAtMs: number | undefined): ToolCall {
  const state = asObject(at(part, 'state'));
  const input = asObject(at(state, 'input'));
  return omitUndefined({
    partId: id,
    callId: asText(at(part, 'id')),
    tool: toolName(at(part, 'name')),
    status: toolStatus(at(state, 'status')),
    startedAtMs: asTime(at(part, 'time', 'ran')) ?? asTime(at(part, 'time', 'created')),
    endedAtMs: asTime(at(part, 'time', 'completed')),
    updatedAtMs,
    hasMetadata: asObject(at(state, 'metadata')) !== undefined,
    subject: subjectOf(input),
    question: asDisplay(at(asObject(asArray(at(input, 'questions'))[0]), 'question')),
    childSessionId: asText(at(state, 'metadata', 'sessionID')) ?? asText(at(state, 'metadata', 'sessionId')),
    error: errorText(at(state, 'error')),
  });
}
