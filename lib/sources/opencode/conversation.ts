import { omitUndefined } from '../../domain/omit-undefined.ts';
import {
  type ConversationFacts,
  conversationFacts,
  type LastOutput,
  type MeasuredContext,
  type ReadableAssistant,
} from '../../domain/session/conversation-facts.ts';
import type { Part, UserMessage } from '../../domain/session/session.ts';
import { asNumber, asTime, parseObject } from '../json.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { assistantOf, contextOf, parentIdOf, roleOf } from './message-row.ts';
import { lastTextLine, partOf } from './part-row.ts';
import {
  type RowStamp,
  readJson,
  readJsonOf,
  type StampedJson,
  stampColumns,
  stampOf,
} from './sized-json.ts';
import { userMessageOf } from './user-message.ts';

/** A session's messages as last read: the facts, and what need not be read again as long as it does not change. */
export interface Conversation {
  readonly facts: ConversationFacts & { readonly messageCount: number };
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
  readonly context?: MeasuredContext;
}

/**
 * How many of the newest messages are looked at for states, texts and times. Each is a row of its own, with its parts in
 * others: 40 as of a server would cost half as much again at the first read, and two thirds more at each change and in
 * memory.
 */
export const windowLength = 12;
/** A message has a few parts; one that has thousands is read from its end. */
const maxParts = 200;
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
        // Not of the newest, to which a text may have come.
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
    const stamps = this.#stamps(newestParts, messageId, maxParts).reverse();
    return stamps.map((stamp) => this.#load('part', stamp));
  }

  #count(): number {
    const before = this.#knownWindow && this.#before?.messageCount;
    if (before !== undefined) return before + this.#newMessages;
    return asNumber(this.#view.select(countMessages, [this.#sessionId])[0]?.n) ?? 0;
  }

  /** User messages, newest first: those in the window, then the ones that earlier messages answer. */
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

  /** Tokens in the model's window after the last message with output, looked for once beyond the window. */
  #earlierContext(window: readonly StampedJson[]): MeasuredContext | undefined {
    const oldest = window.at(-1);
    if (oldest === undefined || window.length < windowLength) return undefined;
    const before = this.#before?.context;
    // Ids ascend: one that is not older than the window and not in it was deleted, by a prompt after /undo.
    if (this.#before !== undefined && (before === undefined || before.messageId < oldest.id)) return before;
    const [row] = this.#view.select(lastWithOutput, [this.#sessionId]);
    return row === undefined ? undefined : contextOf(String(row.id), parseObject(row.data));
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
