import {
  type ConversationFacts,
  conversationFacts,
  type MeasuredContext,
  type ReadableAssistant,
} from '../../domain/session/conversation-facts.ts';
import type { AssistantMessage, Part, UserMessage } from '../../domain/session/session.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asText, asTime, at, type JsonObject } from '../json.ts';
import { assistantOf, contextOf, roleOf } from '../opencode/message-row.ts';
import { lastLine, partOf } from '../opencode/part-row.ts';
import { userMessageOf } from '../opencode/user-message.ts';
import type { WireMessage } from './opencode-api.ts';

interface StoredPart {
  readonly part: Part;
  /** Fields that distinguish a prompt from a compaction or a synthetic text. */
  readonly digest: JsonObject;
  readonly line: DisplayText | undefined;
}

interface StoredMessage {
  readonly id: string;
  readonly createdAtMs: number | undefined;
  /** Undefined for a user message. */
  readonly assistant: Omit<AssistantMessage, 'parts'> | undefined;
  readonly context: MeasuredContext | undefined;
  readonly parts: Map<string, StoredPart>;
}

/** Stored messages: more than a turn's state needs. */
const maxMessages = 40;
const maxParts = 200;

/**
 * The newest messages of one session, from a response of its server and from later events. Stores only the facts that
 * the session's state needs, not tool outputs or files.
 */
export class RemoteConversation {
  readonly #messages = new Map<string, StoredMessage>();
  #facts: ConversationFacts | undefined;

  /** Stores messages of a response. */
  addAll(messages: readonly WireMessage[]): void {
    for (const { info, parts } of messages) {
      this.message(info);
      for (const part of parts) this.part(part, undefined);
    }
  }

  /** Stores a message or replaces its fields; its parts stay. Drops the oldest message above the limit. */
  message(info: JsonObject): void {
    const id = asText(info.id);
    if (id === undefined) return;
    this.#facts = undefined;
    const row = { id, createdAtMs: asTime(at(info, 'time', 'created')), updatedAtMs: undefined, data: info };
    const isAssistant = roleOf(row) === 'assistant';
    this.#messages.set(id, {
      id,
      createdAtMs: row.createdAtMs,
      assistant: isAssistant ? assistantOf(row) : undefined,
      context: isAssistant ? contextOf(id, info) : undefined,
      parts: this.#messages.get(id)?.parts ?? new Map(),
    });
    if (this.#messages.size > maxMessages) this.#dropOldest();
  }

  /** Stores a part of a stored message; `atMs` is the time of its change, or undefined if unknown. */
  part(data: JsonObject, atMs: number | undefined): void {
    const id = asText(data.id);
    const message = this.#messages.get(asText(data.messageID) ?? '');
    if (id === undefined || message === undefined || message.parts.size >= maxParts) return;
    this.#facts = undefined;
    const text = asText(data.text) ?? '';
    message.parts.set(id, {
      part: partOf({ id, updatedAtMs: atMs, data }),
      digest: { type: data.type, synthetic: data.synthetic, ignored: data.ignored, text: text.slice(0, 600) },
      line: data.type === 'text' ? lastLine(text) : undefined,
    });
  }

  /** Deletes a message and its parts. */
  forgetMessage(id: string): void {
    this.#facts = undefined;
    this.#messages.delete(id);
  }

  /** Deletes a part of a message. */
  forgetPart(messageId: string, partId: string): void {
    this.#facts = undefined;
    this.#messages.get(messageId)?.parts.delete(partId);
  }

  /** Returns the facts of the stored messages, cached until one changes. */
  facts(): ConversationFacts {
    this.#facts ??= this.#readFacts();
    return this.#facts;
  }

  #readFacts(): ConversationFacts {
    const newestFirst = [...this.#messages.values()].sort(byAge);
    const { facts } = conversationFacts({
      users: newestFirst.filter(({ assistant }) => assistant === undefined).map(userOf),
      assistants: newestFirst.flatMap(readableOf),
      timesMs: newestFirst.flatMap(timesOf),
    });
    return facts;
  }

  #dropOldest(): void {
    const oldest = [...this.#messages.values()].sort(byAge).at(-1);
    if (oldest !== undefined) this.#messages.delete(oldest.id);
  }
}

function byAge(one: StoredMessage, other: StoredMessage): number {
  return (other.createdAtMs ?? 0) - (one.createdAtMs ?? 0) || (one.id < other.id ? 1 : -1);
}

/** Parts in the order of their creation: ids ascend. */
function partsOf({ parts }: StoredMessage): readonly StoredPart[] {
  return [...parts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, part]) => part);
}

function userOf(message: StoredMessage): UserMessage {
  const stamp = { id: message.id, createdAtMs: message.createdAtMs, updatedAtMs: undefined, sizeBytes: 0 };
  return userMessageOf(
    stamp,
    partsOf(message).map(({ digest }) => digest),
  );
}

/** Returns an empty array for a user message. */
function readableOf(message: StoredMessage): ReadableAssistant[] {
  const { id, assistant, context } = message;
  if (assistant === undefined) return [];
  return [
    {
      id,
      message: () => ({ ...assistant, parts: partsOf(message).map(({ part }) => part) }),
      lastLine: () => partsOf(message).findLast(({ line }) => line !== undefined)?.line,
      context: () => context,
    },
  ];
}

function timesOf(message: StoredMessage): (number | undefined)[] {
  const parts = partsOf(message).map(({ part }) =>
    part.kind === 'tool' ? part.call.updatedAtMs : part.updatedAtMs,
  );
  return [message.createdAtMs, message.assistant?.completedAtMs, ...parts];
}
