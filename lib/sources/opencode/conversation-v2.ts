import type { AssistantMessage, Part, ToolCall, UserMessage } from '../../domain/session/session.ts';
import { latest } from '../../domain/session/session.ts';
import { tokenSum } from '../../domain/session/tokens.ts';
import {
  asArray,
  asDisplay,
  asNumber,
  asObject,
  asText,
  asTime,
  at,
  type JsonObject,
  present,
} from '../json.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import type { Conversation } from './conversation.ts';
import { lastLine } from './conversation.ts';
import { assistantOf, modelOf, tokensOf } from './message-row.ts';
import { errorText, subjectOf, toolName, toolStatus } from './part-row.ts';
import { readJson, type StampedJson, stampColumns, stampOf } from './sized-json.ts';

const windowLength = 24;

const newestMessages = `select ${stampColumns}, type from session_message where session_id = ? order by seq desc limit ${windowLength}`;
const newestOf = `select ${stampColumns}, type from session_message where session_id = ? and type = ? order by seq desc limit 1`;
const countMessages =
  "select count(*) as n from session_message where session_id = ? and type in ('user', 'assistant')";

interface TypedRow extends StampedJson {
  readonly type: string;
}

/**
 * Reads one session of opencode 2 into the same facts as `readConversation`: its messages are rows of `session_message`
 * ordered by `seq`, and an assistant's parts are the `content` inside its row (opencode-2.md, "Message rows"). No released
 * version of 2 could be run.
 */
export function readConversationV2(
  view: SnapshotView,
  sessionId: string,
  before: Conversation | undefined,
): Conversation {
  const rows = new Map<string, StampedJson>();
  const load = (found: Readonly<Record<string, unknown>>): TypedRow => {
    const stamp = stampOf(found);
    const row = readJson(view, 'session_message', stamp, before?.memory.rows.get(stamp.id));
    rows.set(row.id, row);
    return { ...row, type: String(found.type) };
  };
  const window = view.select(newestMessages, [sessionId]).map(load);
  const newest = (type: string) =>
    window.find((row) => row.type === type) ?? view.select(newestOf, [sessionId, type]).map(load)[0];
  const assistant = newest('assistant');
  const user = newest('user');
  const asked =
    window.find((row) => row.type === 'user' || row.type === 'compaction' || row.type === 'synthetic') ??
    user;
  const facts = present({
    messageCount: asNumber(view.select(countMessages, [sessionId])[0]?.n) ?? 0,
    lastPrompt: user === undefined ? undefined : userOf(user),
    newestUser: asked === undefined ? undefined : userOf(asked),
    newestAssistant: assistant === undefined ? undefined : assistantV2(assistant),
    ...outputAndContext(window.filter((row) => row.type === 'assistant')),
    activeAtMs: latest(window.map((row) => row.updatedAtMs ?? row.createdAtMs)),
  });
  return { facts, memory: { rows } };
}

function outputAndContext(assistants: readonly TypedRow[]) {
  const texts = assistants.map((row) => lastTextOf(row.data)).filter((line) => line !== undefined);
  const measured = assistants.find((row) => (tokensOf(row.data)?.output ?? 0) > 0);
  const tokens = tokensOf(measured?.data);
  return {
    lastOutput: texts[0],
    contextTokens: tokens === undefined ? undefined : tokenSum(tokens),
    contextModel: modelOf(measured?.data),
  };
}

function lastTextOf(data: JsonObject | undefined) {
  const texts = contentOf(data).filter((part) => at(part, 'type') === 'text');
  return texts
    .reverse()
    .map((part) => lastLine(asText(at(part, 'text')) ?? ''))
    .find((line) => line !== undefined);
}

function userOf(row: TypedRow): UserMessage {
  const kind = row.type === 'compaction' || row.type === 'synthetic' ? row.type : 'prompt';
  return present({
    id: row.id,
    createdAtMs: row.createdAtMs,
    kind,
    text: asDisplay(at(row.data, 'text')),
  } as const);
}

/** An assistant row of opencode 2 with the parts of its content. */
function assistantV2(row: StampedJson): AssistantMessage {
  const parts = contentOf(row.data).map((part, index) => partV2(part, `${row.id}:${index}`, row.updatedAtMs));
  return { ...assistantOf(row), parts };
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
    return { kind: 'other', ...present({ type: asDisplay(type), updatedAtMs }) };
  const hasText = asText(at(part, 'text')) !== undefined;
  return { kind: type, ...present({ startedAtMs, endedAtMs, updatedAtMs, hasText }) };
}

function callV2(part: JsonObject, id: string, updatedAtMs: number | undefined): ToolCall {
  const state = asObject(at(part, 'state'));
  const input = asObject(at(state, 'input'));
  return present({
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
