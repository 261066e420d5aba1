import { latest } from '../../domain/latest.ts';
import type { AssistantMessage, ModelRef, Part, UserMessage } from '../../domain/session.ts';
import { tokenSum } from '../../domain/token-sums.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asDisplay, asNumber, asText, asTime, at, parseObject, present } from './json-fields.ts';
import { assistantOf, modelOf, parentIdOf, roleOf, tokensOf } from './message-row.ts';
import { partOf } from './part-row.ts';
import { type RowStamp, readJson, type StampedJson, stampColumns, stampOf } from './sized-json.ts';
import type { SnapshotView } from './snapshot.ts';
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

interface ConversationMemory {
  readonly rows: ReadonlyMap<string, StampedJson>;
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
const windowLength = 12;
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
 * Reads one session's conversation (opencode 1.x: `message` and `part`). Rows that `before` has already seen, by their
 * update time and size, are not read again. A few statements on indexes: well under a millisecond once warm, however
 * long the session is (but for the count, which walks the session's part of an index: 1 ms for 10,000 messages).
 */
export function readConversation(
  view: SnapshotView,
  sessionId: string,
  before: Conversation | undefined,
): Conversation {
  const reader = new ConversationReader(view, sessionId, before?.memory);
  return reader.read();
}

class ConversationReader {
  readonly #view: SnapshotView;
  readonly #sessionId: string;
  readonly #before: ConversationMemory | undefined;
  readonly #rows = new Map<string, StampedJson>();

  constructor(view: SnapshotView, sessionId: string, before: ConversationMemory | undefined) {
    this.#view = view;
    this.#sessionId = sessionId;
    this.#before = before;
  }

  read(): Conversation {
    const window = this.#stamps(newestMessages, this.#sessionId, windowLength).map((stamp) =>
      this.#load('message', stamp),
    );
    const assistants = window.filter((row) => roleOf(row) === 'assistant');
    const parts = assistants[0] === undefined ? [] : this.#parts(assistants[0].id);
    const users = this.#users(window, assistants);
    const output = this.#lastOutput(assistants, parts);
    const context = this.#context(assistants, window);
    const facts = present({
      messageCount: this.#count(),
      ...users,
      newestAssistant: assistants[0] === undefined ? undefined : withParts(assistants[0], parts),
      lastOutput: output?.line,
      contextTokens: context?.tokens,
      contextModel: context?.model,
      activeAtMs: latest([...window, ...parts].map((row) => asTime(row.updatedAtMs ?? row.createdAtMs))),
    });
    return { facts, memory: present({ rows: this.#rows, output, context }) };
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
  #parts(messageId: string): StampedJson[] {
    const stamps = this.#stamps(newestParts, messageId, mostParts).reverse();
    return stamps.map((stamp) => this.#load('part', stamp));
  }

  #count(): number {
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
      this.#parts(row.id).map((part) => part.data),
    );
  }

  #parentOf(assistant: StampedJson | undefined): StampedJson | undefined {
    const parentId = parentIdOf(assistant?.data);
    if (parentId === undefined) return undefined;
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
      const known = age > 0 && this.#before?.output?.messageId === message.id;
      if (known) return this.#before?.output;
      const line = lastLineOf(age === 0 ? newestPartRows : this.#parts(message.id));
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
