import type { DisplayText } from '../../text/sanitize.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { type AssistantMessage, latest, type ModelRef, type Session, type UserMessage } from './session.ts';

/** The facts from a session's newest messages; a field is absent if no message holds it. */
export type ConversationFacts = Pick<
  Session,
  | 'newestUser'
  | 'lastPrompt'
  | 'newestAssistant'
  | 'lastOutput'
  | 'contextTokens'
  | 'contextModel'
  | 'activeAtMs'
>;

/** The tokens in the model's window after a message with output, and the model. */
export interface MeasuredContext {
  readonly messageId: string;
  readonly tokens: number;
  readonly model: ModelRef | undefined;
}

/** The last line of the assistant's last text, and its message. */
export interface LastOutput {
  readonly messageId: string;
  readonly line: DisplayText;
}

/** An assistant message of any version of opencode. Its methods read the parts on demand. */
export interface ReadableAssistant {
  readonly id: string;
  /** The whole message with its parts. */
  message(): AssistantMessage;
  /** The last line of its last text; undefined if it has no text. */
  lastLine(): DisplayText | undefined;
  /** The tokens in the model's window after it; undefined if it has no output. */
  context(): MeasuredContext | undefined;
}

/** The newest messages of a session, newest first, from a database or a server. */
export interface NewestMessages {
  /** Consumed only up to the first prompt. */
  readonly users: Iterable<UserMessage>;
  readonly assistants: readonly ReadableAssistant[];
  /** The times of the read messages and parts. */
  readonly timesMs: readonly (number | undefined)[];
  /** Searches older messages for output; called only if none of `assistants` has any. */
  earlierContext?(): MeasuredContext | undefined;
}

/** The facts, with the message of two of them, so that a reader can cache these. */
export interface ReadFacts {
  readonly facts: ConversationFacts;
  readonly output: LastOutput | undefined;
  readonly context: MeasuredContext | undefined;
}

/** The facts of a session's newest messages. The source decides how many messages it passes. */
export function conversationFacts({ users, assistants, timesMs, earlierContext }: NewestMessages): ReadFacts {
  const { newestUser, lastPrompt } = newestUsers(users);
  const output = first(assistants, lastOutputOf);
  const context = first(assistants, (assistant) => assistant.context()) ?? earlierContext?.();
  return {
    facts: omitUndefined({
      newestUser,
      lastPrompt,
      newestAssistant: assistants[0]?.message(),
      lastOutput: output?.line,
      contextTokens: context?.tokens,
      contextModel: context?.model,
      activeAtMs: latest(timesMs),
    }),
    output,
    context,
  };
}

/** The newest user message of any kind, and the newest prompt. */
function newestUsers(users: Iterable<UserMessage>) {
  let newestUser: UserMessage | undefined;
  for (const user of users) {
    newestUser ??= user;
    if (user.kind === 'prompt') return { newestUser, lastPrompt: user };
  }
  return { newestUser, lastPrompt: undefined };
}

function lastOutputOf(assistant: ReadableAssistant): LastOutput | undefined {
  const line = assistant.lastLine();
  return line && { messageId: assistant.id, line };
}

/** The first defined result of `find` over the items, in their order. */
function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
