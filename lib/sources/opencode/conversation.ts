import { omitUndefined } from '../../domain/omit-undefined.ts';
import {
  type ConversationFacts,
  conversationFacts,
  type LastOutput,
  type MeasuredContext,
  type ReadableAssistant,
} from '../../domain/session/conversation-facts.ts';
import type { Part, Session, UserMessage } from '../../domain/session/session.ts';
import { asNumber, asTime, parseObject } from '../json.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { assistantOf, contextOf, parentIdOf, roleOf } from './message-row.ts';
import { lastTextLine, partOf } from './part-row.ts';
import {
  type RowStamp,
  readRowJson,
  readRowJsonOf,
  type StampedJson,
  stampColumns,
  stampOf,
} from './sized-json.ts';
import { userMessageOf } from './user-message.ts';

/** A session's messages as last read: the facts, and the cached rows behind them. */
export interface Conversation {
  readonly facts: ConversationFacts &
    Pick<Session, 'turnEnd' | 'queue'> & {
      readonly messageCount: number;
    };
  readonly memory: ConversationMemory;
}

/** The rows of one session that commits wrote or added. Applies only if none was deleted. */
export interface WrittenRows {
  /** Written messages, by id. The values are not used. */
  readonly messages: ReadonlyMap<string, unknown>;
  /** Written parts: message id by part id. */
  readonly parts: ReadonlyMap<string, string>;
}

/** The rows cached from the last read. */
interface ConversationMemory {
  readonly rows: ReadonlyMap<string, StampedJson>;
  /** The newest messages, newest first. Absent for opencode 2, whose messages are always looked up again. */
  readonly window?: readonly StampedJson[];
  readonly messageCount?: number;
  /** The parts of the messages that were needed, oldest first, by message id. */
  readonly parts?: ReadonlyMap<string, readonly StampedJson[]>;
  /** The last line of output, and its message. */
  readonly output?: LastOutput;
  readonly context?: MeasuredContext;
}

/**
 * The number of newest messages that states, texts and times come from. With 40, as for a server, the first read would
 * take 1.5 times as long, and each change 1.7 times as long and as much memory.
 */
export const windowLength = 12;
/** The limit of parts per message. A message usually has a few; of one with thousands, the last ones are read. */
const maxParts = 200;
/** The number of messages searched, once, for the last one with output if none in the window has any. */
const contextSearch = 200;
/** The number of user messages searched for the last real prompt, which compactions and continuations may follow. */
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
 * Reads one session's conversation (opencode 1.x: `message` and `part`). Of a known one, reads only the written rows, a
 * statement each, if new messages are the newest. Otherwise a few index look-ups find all rows, and those with an
 * unchanged update time and size are not read again: well under 1 ms with a warm cache, whatever the session's length
 * (except the count, which walks the session's part of an index: 1 ms for 10,000 messages).
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
  /** The rows known before, updated with the written ones; undefined if they must be looked up. */
  readonly #knownWindow: ConversationMemory['window'];
  readonly #knownParts: ConversationMemory['parts'];
  readonly #knownOutput: LastOutput | undefined;
  /** The number of messages that the known window gained. */
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

  /** Reads the conversation, with as few rows as the changes allow. */
  read(): Conversation {
    const window = this.#window();
    const assistants = window.filter((row) => roleOf(row) === 'assistant');
    const parts = assistants[0] === undefined ? [] : this.#partsOf(assistants[0].id);
    const { facts, output, context } = conversationFacts({
      users: this.#users(window, assistants),
      assistants: assistants.map((row, age) => this.#assistant(row, age)),
      timesMs: [...window, ...parts].map((row) => asTime(row.updatedAtMs ?? row.createdAtMs)),
      earlierContext: () => this.#earlierContext(window),
    });
    const messageCount = this.#count();
    const memory = { rows: this.#rows, window, messageCount, parts: this.#parts, output, context };
    return { facts: { messageCount, ...facts }, memory: omitUndefined(memory) };
  }

  #assistant(row: StampedJson, age: number): ReadableAssistant {
    const { id } = row;
    return {
      id,
      message: () => ({ ...assistantOf(row), parts: this.#partsOf(id).map((part): Part => partOf(part)) }),
      lastLine: () => {
        // The newest message is excluded, since it may have new text.
        if (age > 0 && this.#knownOutput?.messageId === id) return this.#knownOutput.line;
        return lastTextLine(this.#partsOf(id).map(({ data }) => data));
      },
      context: () => contextOf(id, row.data),
    };
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

  /** The window with the written messages; undefined if one of them is neither in the window nor newer. */
  #rewrittenWindow(
    known: readonly StampedJson[],
    written: WrittenRows['messages'],
  ): ConversationMemory['window'] {
    const rows = new Map(known.map((row) => [row.id, row]));
    const newest = known[0];
    for (const id of written.keys()) {
      const before = rows.get(id);
      const row = readRowJsonOf(this.#view, 'message', id);
      const isInPlace = before !== undefined && row?.createdAtMs === before.createdAtMs;
      if (row === undefined || !(isInPlace || (before === undefined && isNewer(row, newest))))
        return undefined;
      rows.set(id, row);
    }
    this.#newMessages = rows.size - known.length;
    if (this.#newMessages === 0) return [...rows.values()];
    return [...rows.values()].sort((one, other) => (isNewer(one, other) ? -1 : 1)).slice(0, windowLength);
  }

  /** Adds an empty list of parts for each new message, since all its parts are among the written ones. */
  #withNew(parts: NonNullable<ConversationMemory['parts']>): NonNullable<ConversationMemory['parts']> {
    if (this.#newMessages === 0) return parts;
    const known = new Set(this.#before?.window?.map(({ id }) => id));
    const added = (this.#knownWindow ?? []).filter(({ id }) => !known.has(id));
    return new Map([...parts, ...added.map(({ id }) => [id, []] as const)]);
  }

  /** The parts of the known messages with the written parts; without the messages whose parts must be looked up. */
  #rewrittenParts(
    known: NonNullable<ConversationMemory['parts']>,
    written: ReadonlyMap<string, string>,
  ): ConversationMemory['parts'] {
    if (written.size === 0) return known;
    const lists = new Map(known);
    for (const [id, messageId] of written) {
      const parts = lists.get(messageId);
      if (parts === undefined) continue;
      const row = readRowJsonOf(this.#view, 'part', id);
      const others = parts.filter((part) => part.id !== id);
      const isWhole = parts.length < maxParts || others.length < parts.length;
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
    const row = readRowJson(this.#view, table, stamp, known);
    this.#rows.set(row.id, row);
    return row;
  }

  /** The parts of a message, oldest first. */
  #partsOf(messageId: string): readonly StampedJson[] {
    const parts =
      this.#parts.get(messageId) ?? this.#knownParts?.get(messageId) ?? this.#readParts(messageId);
    for (const part of parts) this.#rows.set(part.id, part);
    this.#parts.set(messageId, parts);
    return parts;
  }

  #readParts(messageId: string): readonly StampedJson[] {
    const stamps = this.#stamps(newestParts, messageId, maxParts).reverse();
    return stamps.map((stamp) => this.#load('part', stamp));
  }

  #count(): number {
    const before = this.#knownWindow && this.#before?.messageCount;
    if (before !== undefined) return before + this.#newMessages;
    return asNumber(this.#view.select(countMessages, [this.#sessionId])[0]?.n) ?? 0;
  }

  /** User messages, newest first: those in the window, then earlier ones, found from message to message. */
  *#users(window: readonly StampedJson[], assistants: readonly StampedJson[]): Iterable<UserMessage> {
    const seen = window.filter((row) => roleOf(row) === 'user');
    let next: StampedJson | undefined = seen[0] ?? this.#parentOf(assistants.at(-1));
    for (let turn = 1; next !== undefined; turn += 1) {
      yield this.#user(next);
      if (turn === promptSearch) return;
      next = seen[turn] ?? this.#userBefore(next);
    }
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

  /**
   * The tokens in the model's context after the last message with output, searched once beyond the window of messages.
   */
  #earlierContext(window: readonly StampedJson[]): MeasuredContext | undefined {
    const oldest = window.at(-1);
    if (oldest === undefined || window.length < windowLength) return undefined;
    const before = this.#before?.context;
    // Ids ascend. An id that is neither older than the window nor in it was deleted, by a prompt after /undo.
    if (this.#before !== undefined && (before === undefined || before.messageId < oldest.id)) return before;
    const [row] = this.#view.select(lastWithOutput, [this.#sessionId]);
    return row === undefined ? undefined : contextOf(String(row.id), parseObject(row.data));
  }
}

/**
 * True if `row` comes before `than` in newest-first order. A message without a time is neither newer nor older than
 * another.
 */
function isNewer(row: RowStamp, than: RowStamp | undefined): boolean {
  if (row.createdAtMs === undefined) return false;
  if (than === undefined) return true;
  const thanMs = than.createdAtMs ?? Number.POSITIVE_INFINITY;
  return row.createdAtMs > thanMs || (row.createdAtMs === thanMs && row.id > than.id);
}

/** Inserts a part in the order of ids. */
function inOrder(parts: readonly StampedJson[], row: StampedJson): readonly StampedJson[] {
  const at = parts.findIndex((part) => part.id > row.id);
  return at < 0 ? [...parts, row] : [...parts.slice(0, at), row, ...parts.slice(at)];
}
