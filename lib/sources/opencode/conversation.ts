import type { AssistantMessage, ModelRef, Part, UserMessage } from '../../domain/session/session.ts';
import { latest } from '../../domain/session/session.ts';
import { tokenSum } from '../../domain/session/tokens.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asDisplay, asNumber, asText, asTime, at, parseObject, present } from '../json.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { assistantOf, modelOf, parentIdOf, roleOf, tokensOf } from './message-row.ts';
import { partOf } from './part-row.ts';
import {
  type RowStamp,
  readJson,
  readJsonOf,
  type StampedJson,
  stampColumns,
  stampOf,
} from './sized-json.ts';
import { userMessageOf } from './user-message.ts';

/** What the messages of one session say: fields of `Session`, absent where no message says so. */
interface ConversationFacts {
  readonly messageCount: number;
  readonly lastPrompt?: UserMessage;
  readonly newestUser?: UserMessage;
  readonly newestAssistant?: AssistantMessage;
  readonly lastOutput?: DisplayText;
  readonly contextTokens?: number;
  readonly contextModel?: ModelRef;
  /** The latest time of the newest messages and of the newest assistant's parts. */
  readonly activeAtMs?: number;
}

/** A session's messages as last read: the facts, and what need not be read again as long as it does not change. */
export interface Conversation {
  readonly facts: ConversationFacts;
  readonly memory: ConversationMemory;
}

/** The rows of one session that commits wrote or added; none is gone. */
export interface WrittenRows {
  /** By their ids. */
  readonly messages: ReadonlyMap<string, unknown>;
  /** By their ids, with the messages that they are of. */
  readonly parts: ReadonlyMap<string, string>;
}

interface ConversationMemory {
  readonly rows: ReadonlyMap<string, StampedJson>;
  /** The newest messages, newest first. Absent where there is only one table, which is read as a whole. */
  readonly window?: readonly StampedJson[];
  readonly messageCount?: number;
  /** The parts of messages that were looked at, oldest first. */
  readonly parts?: ReadonlyMap<string, readonly StampedJson[]>;
  /** The last text that was found, and in which message. */
  readonly output?: LastOutput;
  readonly context?: Context;
}

interface LastOutput {
  readonly messageId: string;
  readonly line: DisplayText | undefined;
}

interface Context {
  readonly messageId: string;
  readonly tokens: number;
  readonly model: ModelRef | undefined;
}

/** How many of the newest messages are looked at for states, texts and times. */
export const windowLength = 12;
/** A message has a few parts; one that has thousands is read from its end. */
const mostParts = 200;
/** How far back the last message with output is looked for, once, where none of the window has any. */
const contextSearch = 200;
/** How many turns back the last real prompt is looked for, past compactions and continuations. */
const promptSearch = 5;

const newestMessages = `select ${stampColumns} from message where session_id = ? order by time_created desc, id desc limit ?`;
const messageById = `select ${stampColumns} from message where id = ?`;
const countMessages = 'select count(*) as n from message where session_id = ?';
const newestParts = `select ${stampColumns} from part where message_id = ? order by id desc limit ?`;
const messageBefore = `select ${stampColumns} from message where session_id = ? and (time_created, id) < (?, ?)
  order by time_created desc, id desc limit 1`;
const lastWithOutput = `select id, data from
  (select id, data, time_created from message where session_id = ? order by time_created desc, id desc limit ${contextSearch})
  where case when octet_length(data) < 131072 and json_valid(data) then json_extract(data, '$.tokens.output') > 0 end limit 1`;

/**
 * Reads one session's conversation (opencode 1.x: `message` and `part`). Of one that is known, only the rows that were
 * written are read, one statement for each, as long as none is gone and new messages are the newest. Else all is looked
 * for with a few statements on indexes, and rows that were already seen, by their update time and size, are not read
 * again: well under a millisecond once warm, however long the session is (but for the count, which walks the session's
 * part of an index: 1 ms for 10,000 messages).
 */
export function readConversation(
  view: SnapshotView,
  sessionId: string,
  before: Conversation | undefined,
  written: WrittenRows | 'all',
): Conversation {
  const reader = new ConversationReader(view, sessionId, before?.memory, written);
  return reader.read();
}

class ConversationReader {
  readonly #view: SnapshotView;
  readonly #sessionId: string;
  readonly #before: ConversationMemory | undefined;
  readonly #rows = new Map<string, StampedJson>();
  readonly #parts = new Map<string, readonly StampedJson[]>();
  /** What was known, as it is now; absent where it has to be looked for. */
  readonly #knownWindow: ConversationMemory['window'];
  readonly #knownParts: ConversationMemory['parts'];
  readonly #knownOutput: LastOutput | undefined;
  /** How many the known window has that were not there before. */
  #newMessages = 0;

  constructor(
    view: SnapshotView,
    sessionId: string,
    before: ConversationMemory | undefined,
    written: WrittenRows | 'all',
  ) {
    this.#view = view;
    this.#sessionId = sessionId;
    this.#before = before;
    if (written === 'all') return;
    const output = before?.output;
    const isOther = [...written.parts.values()].some((messageId) => messageId === output?.messageId);
    this.#knownOutput = isOther ? undefined : output;
    this.#knownWindow = before?.window && this.#rewrittenWindow(before.window, written.messages);
    this.#knownParts = before?.parts && this.#rewrittenParts(this.#withNew(before.parts), written.parts);
  }

  read(): Conversation {
    const window = this.#window();
    const assistants = window.filter((row) => roleOf(row) === 'assistant');
    const parts = assistants[0] === undefined ? [] : this.#partsOf(assistants[0].id);
    const users = this.#users(window, assistants);
    const output = this.#lastOutput(assistants, parts);
    const context = this.#context(assistants, window);
    const messageCount = this.#count();
    const facts = present({
      messageCount,
      ...users,
      newestAssistant: assistants[0] === undefined ? undefined : withParts(assistants[0], parts),
      lastOutput: output?.line,
      contextTokens: context?.tokens,
      contextModel: context?.model,
      activeAtMs: latest([...window, ...parts].map((row) => asTime(row.updatedAtMs ?? row.createdAtMs))),
    });
    const memory = { rows: this.#rows, window, messageCount, parts: this.#parts, output, context };
    return { facts, memory: present(memory) };
  }

  #window(): readonly StampedJson[] {
    const known = this.#knownWindow;
    if (known === undefined) {
      return this.#stamps(newestMessages, this.#sessionId, windowLength).map((stamp) =>
        this.#load('message', stamp),
      );
    }
    for (const row of known) this.#rows.set(row.id, row);
    return known;
  }

  /** The window as it is now; undefined where a message was written that is neither in it nor newer. */
  #rewrittenWindow(
    known: readonly StampedJson[],
    written: WrittenRows['messages'],
  ): ConversationMemory['window'] {
    const rows = new Map(known.map((row) => [row.id, row]));
    const newest = known[0];
    for (const id of written.keys()) {
      const before = rows.get(id);
      const row = readJsonOf(this.#view, 'message', id);
      const isInPlace = before !== undefined && row?.createdAtMs === before.createdAtMs;
      if (row === undefined || !(isInPlace || (before === undefined && isNewer(row, newest))))
        return undefined;
      rows.set(id, row);
    }
    this.#newMessages = rows.size - known.length;
    if (this.#newMessages === 0) return [...rows.values()];
    return [...rows.values()].sort((one, other) => (isNewer(one, other) ? -1 : 1)).slice(0, windowLength);
  }

  /** With the messages that are new: every part of theirs is among the written ones. */
  #withNew(parts: NonNullable<ConversationMemory['parts']>): NonNullable<ConversationMemory['parts']> {
    if (this.#newMessages === 0) return parts;
    const known = new Set(this.#before?.window?.map(({ id }) => id));
    const added = (this.#knownWindow ?? []).filter(({ id }) => !known.has(id));
    return new Map([...parts, ...added.map(({ id }) => [id, []] as const)]);
  }

  /** The parts of the known messages as they are now, without those that have to be looked for. */
  #rewrittenParts(
    known: NonNullable<ConversationMemory['parts']>,
    written: ReadonlyMap<string, string>,
  ): ConversationMemory['parts'] {
    if (written.size === 0) return known;
    const lists = new Map(known);
    for (const [id, messageId] of written) {
      const parts = lists.get(messageId);
      if (parts === undefined) continue;
      const row = readJsonOf(this.#view, 'part', id);
      const others = parts.filter((part) => part.id !== id);
      const isWhole = parts.length < mostParts || others.length < parts.length;
      if (row === undefined || !isWhole) lists.delete(messageId);
      else lists.set(messageId, inOrder(others, row));
    }
    return lists;
  }

  #stamps(sql: string, ...parameters: (string | number)[]): RowStamp[] {
    return this.#view.select(sql, parameters).map(stampOf);
  }

  #load(table: 'message' | 'part', stamp: RowStamp): StampedJson {
    const known = this.#rows.get(stamp.id) ?? this.#before?.rows.get(stamp.id);
    const row = readJson(this.#view, table, stamp, known);
    this.#rows.set(row.id, row);
    return row;
  }

  /** Oldest first. */
  #partsOf(messageId: string): readonly StampedJson[] {
    const parts =
      this.#parts.get(messageId) ?? this.#knownParts?.get(messageId) ?? this.#readParts(messageId);
    for (const part of parts) this.#rows.set(part.id, part);
    this.#parts.set(messageId, parts);
    return parts;
  }

  #readParts(messageId: string): readonly StampedJson[] {
    const stamps = this.#stamps(newestParts, messageId, mostParts).reverse();
    return stamps.map((stamp) => this.#load('part', stamp));
  }

  #count(): number {
    const before = this.#knownWindow && this.#before?.messageCount;
    if (before !== undefined) return before + this.#newMessages;
    return asNumber(this.#view.select(countMessages, [this.#sessionId])[0]?.n) ?? 0;
  }

  /** The newest user message and the newest that is a prompt: in the window, else as the parents of its assistants. */
  #users(window: readonly StampedJson[], assistants: readonly StampedJson[]) {
    const seen = window.filter((row) => roleOf(row) === 'user');
    let next: StampedJson | undefined = seen[0] ?? this.#parentOf(assistants.at(-1));
    let newestUser: UserMessage | undefined;
    for (let turn = 0; next !== undefined && turn < promptSearch; turn += 1) {
      const user = this.#user(next);
      newestUser ??= user;
      if (user.kind === 'prompt') return { newestUser, lastPrompt: user };
      next = seen[turn + 1] ?? this.#userBefore(next);
    }
    return { newestUser, lastPrompt: undefined };
  }

  #user(row: StampedJson): UserMessage {
    return userMessageOf(
      row,
      this.#partsOf(row.id).map((part) => part.data),
    );
  }

  #parentOf(assistant: StampedJson | undefined): StampedJson | undefined {
    const parentId = parentIdOf(assistant?.data);
    if (parentId === undefined) return undefined;
    const known = this.#rows.get(parentId) ?? (this.#knownWindow && this.#before?.rows.get(parentId));
    if (known !== undefined) {
      this.#rows.set(known.id, known);
      return known;
    }
    const [stamp] = this.#stamps(messageById, parentId);
    return stamp === undefined ? undefined : this.#load('message', stamp);
  }

  #userBefore(user: StampedJson): StampedJson | undefined {
    const [stamp] = this.#stamps(messageBefore, this.#sessionId, user.createdAtMs ?? 0, user.id);
    if (stamp === undefined) return undefined;
    const row = this.#load('message', stamp);
    return roleOf(row) === 'user' ? row : this.#parentOf(row);
  }

  /** The last non-empty line of the last text of an assistant, back to the message where it was found before. */
  #lastOutput(
    assistants: readonly StampedJson[],
    newestPartRows: readonly StampedJson[],
  ): LastOutput | undefined {
    for (const [age, message] of assistants.entries()) {
      if (age > 0 && this.#knownOutput?.messageId === message.id) return this.#knownOutput;
      const line = lastLineOf(age === 0 ? newestPartRows : this.#partsOf(message.id));
      if (line !== undefined) return { messageId: message.id, line };
    }
    return undefined;
  }

  /** Tokens in the model's window after the last message with output; looked for once beyond the window. */
  #context(assistants: readonly StampedJson[], window: readonly StampedJson[]): Context | undefined {
    for (const message of assistants) {
      const context = contextOf(message.id, message);
      if (context !== undefined) return context;
    }
    const oldest = window.at(-1);
    if (oldest === undefined || window.length < windowLength) return undefined;
    const before = this.#before?.context;
    // Ids ascend: one that is not older than the window and not in it was deleted, by a prompt after /undo.
    if (this.#before !== undefined && (before === undefined || before.messageId < oldest.id)) return before;
    const [row] = this.#view.select(lastWithOutput, [this.#sessionId]);
    return row === undefined ? undefined : contextOf(String(row.id), { data: parseObject(row.data) });
  }
}

/** By the order of the newest messages; nothing is newer than a message without a time. */
function isNewer(row: RowStamp, than: RowStamp | undefined): boolean {
  if (row.createdAtMs === undefined) return false;
  if (than === undefined) return true;
  const thanMs = than.createdAtMs ?? Number.POSITIVE_INFINITY;
  return row.createdAtMs > thanMs || (row.createdAtMs === thanMs && row.id > than.id);
}

/** Parts with one more, in the order of their ids. */
function inOrder(parts: readonly StampedJson[], row: StampedJson): readonly StampedJson[] {
  const at = parts.findIndex((part) => part.id > row.id);
  return at < 0 ? [...parts, row] : [...parts.slice(0, at), row, ...parts.slice(at)];
}

function contextOf(messageId: string, message: Pick<StampedJson, 'data'>): Context | undefined {
  const tokens = tokensOf(message.data);
  if (tokens === undefined || tokens.output <= 0) return undefined;
  return { messageId, tokens: tokenSum(tokens), model: modelOf(message.data) };
}

function withParts(message: StampedJson, parts: readonly StampedJson[]): AssistantMessage {
  return { ...assistantOf(message), parts: parts.map((part): Part => partOf(part)) };
}

/** The last line with anything on it, of the last text part that has one. */
function lastLineOf(parts: readonly Pick<StampedJson, 'data'>[]): DisplayText | undefined {
  for (const part of [...parts].reverse()) {
    if (at(part.data, 'type') !== 'text') continue;
    const line = lastLine(asText(at(part.data, 'text')) ?? '');
    if (line !== undefined) return line;
  }
  return undefined;
}

/** The last line of a text on which anything printable is left; only the text's last 20,000 characters are looked at. */
export function lastLine(text: string): DisplayText | undefined {
  for (const line of text.slice(-20_000).split('\n').reverse()) {
    const shown = asDisplay(line);
    if (shown !== undefined) return shown;
  }
  return undefined;
}
