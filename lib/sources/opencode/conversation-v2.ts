import { omitUndefined } from '../../domain/omit-undefined.ts';
import { conversationFacts, type ReadableAssistant } from '../../domain/session/conversation-facts.ts';
import type {
  AssistantMessage,
  Part,
  Session,
  ToolCall,
  TurnEnd,
  UserMessage,
} from '../../domain/session/session.ts';
import { asArray, asDisplay, asNumber, asObject, asText, asTime, at, type JsonObject } from '../json.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import type { Conversation } from './conversation.ts';
import { assistantOf, contextOf, errorOf } from './message-row.ts';
import { errorText, lastTextLine, subjectOf, toolName, toolStatus } from './part-row.ts';
import type { SchemaVersion } from './schema-version.ts';
import { readRowJson, type StampedJson, stampColumns, stampOf } from './sized-json.ts';

/** More than for opencode 1, since rows of other types (for example a change of the agent) are between the messages. */
const windowLength = 24;

const rowColumns = `${stampColumns}, type, seq`;
const newestMessages = `select ${rowColumns} from session_message where session_id = ? order by seq desc limit ${windowLength}`;
const newestOf = `select ${rowColumns} from session_message where session_id = ? and type = ? order by seq desc limit 1`;
const countMessages =
  "select count(*) as n from session_message where session_id = ? and type in ('user', 'assistant')";

interface TypedRow extends StampedJson {
  readonly type: string;
  readonly seq: number | undefined;
}

/**
 * Reads one session of opencode 2 into the same facts as `readConversation`. Its messages are rows of `session_message`
 * ordered by `seq`; the parts of an assistant message are the `content` in its row (opencode-2.md, "Message rows").
 * Measured on the preview (opencode-2.md, "Builds"); by contract for the released 2.x.
 */
export function readConversationV2(
  view: SnapshotView,
  schemaVersion: SchemaVersion,
  sessionId: string,
  before: Conversation | undefined,
): Conversation {
  const rows = new Map<string, StampedJson>();
  const load = (found: Readonly<Record<string, unknown>>): TypedRow => {
    const stamp = stampOf(found);
    const row = readRowJson(view, 'session_message', stamp, before?.memory.rows.get(stamp.id));
    rows.set(row.id, row);
    return { ...row, type: String(found.type), seq: asNumber(found.seq) };
  };
  const window = view.select(newestMessages, [sessionId]).map(load);
  const newestOfType = (type: string) => view.select(newestOf, [sessionId, type]).map(load);
  const steps = window.filter(isStep);
  const { facts } = conversationFacts({
    users: usersOf(window, () => newestOfType('user')),
    assistants: (steps.length > 0 ? steps : newestOfType('assistant')).map(stepV2),
    timesMs: window.map((row) => row.updatedAtMs ?? row.createdAtMs),
  });
  const messageCount = asNumber(view.select(countMessages, [sessionId])[0]?.n) ?? 0;
  const more = omitUndefined({ turnEnd: turnEndOf(window), queue: queueOf(view, schemaVersion, sessionId) });
  return { facts: { messageCount, ...facts, ...more }, memory: { rows } };
}

/** True for an assistant's message, and for a shell command of the user (`!`) that still runs. */
function isStep({ type, data }: TypedRow): boolean {
  return type === 'assistant' || (type === 'shell' && at(data, 'status') === 'running');
}

const outcomes = ['succeeded', 'failed', 'interrupted'] as const;

/** The end of the newest turn: its `idle` row, if no message is newer (opencode-2.md, "Message rows"). */
function turnEndOf(window: readonly TypedRow[]): TurnEnd | undefined {
  const newest = window.find((row) => row.type === 'idle' || isStep(row) || isUser(row));
  if (newest?.type !== 'idle') return undefined;
  const outcome = outcomes.find((each) => each === at(newest.data, 'outcome')) ?? 'succeeded';
  const atMs = asTime(at(newest.data, 'time', 'created')) ?? newest.createdAtMs;
  return { outcome, ...omitUndefined({ atMs, error: errorOf(asObject(at(newest.data, 'error'))) }) };
}

/** The prompts of a session that wait; undefined if there are none. */
function queueOf(view: SnapshotView, { queues }: SchemaVersion, sessionId: string): Session['queue'] {
  const waiting = queues.flatMap(({ table, waits }) =>
    view.select(
      `select count(*) as n, min(time_created) as since from ${table} where session_id = ? and ${waits}`,
      [sessionId],
    ),
  );
  const count = waiting.reduce((sum, { n }) => sum + (asNumber(n) ?? 0), 0);
  const since = waiting.map((row) => asTime(row.since)).filter((each) => each !== undefined);
  const sinceMs = since.length === 0 ? undefined : Math.min(...since);
  return count === 0 ? undefined : { count, ...omitUndefined({ sinceMs }) };
}

/** True for a prompt, a synthetic continuation, and a compaction that runs. */
function isUser({ type, data }: TypedRow): boolean {
  if (type === 'compaction') return (at(data, 'status') ?? 'running') === 'running';
  return type === 'user' || type === 'synthetic';
}

/** User messages, newest first: those in the window, then the newest prompt of the session. */
function* usersOf(window: readonly TypedRow[], earlier: () => readonly TypedRow[]): Iterable<UserMessage> {
  yield* window.filter(isUser).map(userOf);
  yield* earlier().map(userOf);
}

function userOf(row: TypedRow): UserMessage {
  const kind = row.type === 'compaction' || row.type === 'synthetic' ? row.type : 'prompt';
  return omitUndefined({
    id: row.id,
    createdAtMs: row.createdAtMs,
    seq: row.seq,
    kind,
    text: asDisplay(unquoted(at(row.data, 'text'))),
  });
}

/** `opencode run "fix it"` stores the prompt with the quotes (opencode-2.md, "Message rows"). */
function unquoted(text: unknown): unknown {
  return typeof text === 'string' && text.length > 2 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1)
    : text;
}

function stepV2(row: TypedRow): ReadableAssistant {
  return row.type === 'shell' ? shellV2(row) : assistantV2(row);
}

/** A shell command of the user, as a step with one running tool. */
function shellV2({ id, seq, data, createdAtMs, updatedAtMs }: TypedRow): ReadableAssistant {
  const call = omitUndefined({
    partId: id,
    tool: toolName('shell'),
    status: toolStatus('running'),
    startedAtMs: createdAtMs,
    updatedAtMs,
    hasMetadata: true,
    subject: asDisplay(at(data, 'command')),
  });
  return {
    id,
    message: () => ({
      ...omitUndefined({ id, seq, createdAtMs, updatedAtMs }),
      isSummary: false,
      parts: [{ kind: 'tool', call }],
    }),
    lastLine: () => undefined,
    context: () => undefined,
  };
}

function assistantV2(row: TypedRow): ReadableAssistant {
  const { id, data, seq, updatedAtMs } = row;
  const content = contentOf(data);
  return {
    id,
    message: () => ({
      ...assistantOf(row),
      ...omitUndefined({ seq, retry: retryOf(asObject(at(data, 'retry'))) }),
      parts: content.map((part, index) => partV2(part, `${id}:${index}`, updatedAtMs)),
    }),
    lastLine: () => lastTextLine(content),
    context: () => contextOf(id, data),
  };
}

/** The retry that is due: `{attempt, at, error}` (opencode-2.md, "Message rows"); undefined without one. */
function retryOf(retry: JsonObject | undefined): AssistantMessage['retry'] {
  const attempt = asNumber(at(retry, 'attempt'));
  if (attempt === undefined) return undefined;
  const message = asDisplay(at(retry, 'error', 'message'));
  return { attempt, ...omitUndefined({ atMs: asTime(at(retry, 'at')), message }) };
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
    hasMetadata: asObject(at(state, 'metadata') ?? at(state, 'structured')) !== undefined,
    subject: subjectOf(input),
    question: asDisplay(at(asObject(asArray(at(input, 'questions'))[0]), 'question')),
    childSessionId:
      asText(at(state, 'metadata', 'sessionID')) ??
      asText(at(state, 'metadata', 'sessionId')) ??
      asText(at(state, 'structured', 'sessionID')),
    error: errorText(at(state, 'error')),
  });
}
