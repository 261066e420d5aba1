import type { AssistantMessage, ModelRef, Part, Session, UserMessage } from '../../domain/session/session.ts';
import { latest } from '../../domain/session/session.ts';
import { tokenSum } from '../../domain/session/tokens.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asText, asTime, at, type JsonObject, present } from '../json.ts';
import { lastLine } from '../opencode/conversation.ts';
import { assistantOf, modelOf, roleOf, tokensOf } from '../opencode/message-row.ts';
import { partOf } from '../opencode/part-row.ts';
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
  readonly context: { readonly tokens: number; readonly model: ModelRef | undefined } | undefined;
  readonly parts: Map<string, KeptPart>;
}

/** More than any turn's state needs; the rest is forgotten. */
const mostMessages = 40;
const mostParts = 200;

type Facts = Pick<
  Session,
  | 'newestUser'
  | 'lastPrompt'
  | 'newestAssistant'
  | 'lastOutput'
  | 'contextTokens'
  | 'contextModel'
  | 'activeAtMs'
>;

/**
 * The newest messages of one session, from an answer of its server and from events since, as the few facts that a
 * session's state needs: what a tool wrote, or a file of megabytes, is not kept.
 */
export class RemoteConversation {
  readonly #messages = new Map<string, KeptMessage>();
  #facts: Facts | undefined;

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
    const tokens = isAssistant ? tokensOf(info) : undefined;
    this.#messages.set(id, {
      id,
      createdAtMs: row.createdAtMs,
      assistant: isAssistant ? assistantOf(row) : undefined,
      context:
        tokens !== undefined && tokens.output > 0
          ? { tokens: tokenSum(tokens), model: modelOf(info) }
          : undefined,
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

  facts(): Facts {
    this.#facts ??= this.#readFacts();
    return this.#facts;
  }

  #readFacts(): Facts {
    const newestFirst = [...this.#messages.values()].sort(byAge);
    const users = newestFirst.filter(({ assistant }) => assistant === undefined).map(userOf);
    const answers = newestFirst.filter(({ assistant }) => assistant !== undefined);
    const context = answers.find((message) => message.context !== undefined)?.context;
    return present({
      newestUser: users[0],
      lastPrompt: users.find(({ kind }) => kind === 'prompt'),
      newestAssistant: answers[0] && answerOf(answers[0]),
      lastOutput: answers.map(lineOf).find((line) => line !== undefined),
      contextTokens: context?.tokens,
      contextModel: context?.model,
      activeAtMs: latest(newestFirst.flatMap(timesOf)),
    });
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

function answerOf(message: KeptMessage): AssistantMessage | undefined {
  return message.assistant && { ...message.assistant, parts: partsOf(message).map(({ part }) => part) };
}

function lineOf(message: KeptMessage): DisplayText | undefined {
  return partsOf(message).findLast(({ line }) => line !== undefined)?.line;
}

function timesOf(message: KeptMessage): (number | undefined)[] {
  const parts = partsOf(message).map(({ part }) =>
    part.kind === 'tool' ? part.call.updatedAtMs : part.updatedAtMs,
  );
  return [message.createdAtMs, message.assistant?.completedAtMs, ...parts];
}
