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

interface KeptPart {
  readonly part: Part;
  /** What tells a prompt from a compaction or a synthetic text. */
  readonly digest: JsonObject;
  readonly line: DisplayText | undefined;
}

interface KeptMessage {
  readonly id: string;
  readonly createdAtMs: number | undefined;
  /** Absent for a user's. */
  readonly assistant: Omit<AssistantMessage, 'parts'> | undefined;
  readonly context: MeasuredContext | undefined;
  readonly parts: Map<string, KeptPart>;
}

/** Kept as the server tells of them, which costs no reading: more than any turn's state needs. */
const mostMessages = 40;
const mostParts = 200;

/**
 * The newest messages of one session, from an answer of its server and from events since, as the few facts that a
 * session's state needs: what a tool wrote, or a file of megabytes, is not kept.
 */
export class RemoteConversation {
  readonly #messages = new Map<string, KeptMessage>();
  #facts: ConversationFacts | undefined;

  /** Takes over an answer of the server. */
  take(messages: readonly WireMessage[]): void {
    for (const { info, parts } of messages) {
      this.message(info);
      for (const part of parts) this.part(part, undefined);
    }
  }

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
    if (this.#messages.size > mostMessages) this.#dropOldest();
  }

  /** A part of a message; `atMs` is when it changed, where that is known. */
  part(data: JsonObject, atMs: number | undefined): void {
    const id = asText(data.id);
    const message = this.#messages.get(asText(data.messageID) ?? '');
    if (id === undefined || message === undefined || message.parts.size >= mostParts) return;
    this.#facts = undefined;
    const text = asText(data.text) ?? '';
    message.parts.set(id, {
      part: partOf({ id, updatedAtMs: atMs, data }),
      digest: { type: data.type, synthetic: data.synthetic, ignored: data.ignored, text: text.slice(0, 600) },
      line: data.type === 'text' ? lastLine(text) : undefined,
    });
  }

  forgetMessage(id: string): void {
    this.#facts = undefined;
    this.#messages.delete(id);
  }

  forgetPart(messageId: string, partId: string): void {
    this.#facts = undefined;
    this.#messages.get(messageId)?.parts.delete(partId);
  }

  facts(): ConversationFacts {
    this.#facts ??= this.#readFacts();
    return this.#facts;
  }

  #readFacts(): ConversationFacts {
    const newestFirst = [...this.#messages.values()].sort(byAge);
    const { facts } = conversationFacts({
      users: newestFirst.filter(({ assistant }) => assistant === undefined).map(userOf),
      assistants: newestFirst.flatMap(readable),
      timesMs: newestFirst.flatMap(timesOf),
    });
    return facts;
  }

  #dropOldest(): void {
    const oldest = [...this.#messages.values()].sort(byAge).at(-1);
    if (oldest !== undefined) this.#messages.delete(oldest.id);
  }
}

function byAge(one: KeptMessage, other: KeptMessage): number {
  return (other.createdAtMs ?? 0) - (one.createdAtMs ?? 0) || (one.id < other.id ? 1 : -1);
}

/** Ids ascend: parts in their order. */
function partsOf({ parts }: KeptMessage): readonly KeptPart[] {
  return [...parts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, part]) => part);
}

function userOf(message: KeptMessage): UserMessage {
  const stamp = { id: message.id, createdAtMs: message.createdAtMs, updatedAtMs: undefined, sizeBytes: 0 };
  return userMessageOf(
    stamp,
    partsOf(message).map(({ digest }) => digest),
  );
}

/** None for a user's message. */
function readable(message: KeptMessage): ReadableAssistant[] {
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

function timesOf(message: KeptMessage): (number | undefined)[] {
  const parts = partsOf(message).map(({ part }) =>
    part.kind === 'tool' ? part.call.updatedAtMs : part.updatedAtMs,
  );
  return [message.createdAtMs, message.assistant?.completedAtMs, ...parts];
}
