import type { DisplayText } from '../../text/sanitize.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { type AssistantMessage, latest, type ModelRef, type Session, type UserMessage } from './session.ts';

/** What a session's newest messages say of it; absent where no message says so. */
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

/** Tokens in the model's window after a message with output, and the model. */
export interface MeasuredContext {
  readonly messageId: string;
  readonly tokens: number;
  readonly model: ModelRef | undefined;
}

/** The last text that an assistant wrote: its last line, and the message that it is in. */
export interface LastOutput {
  readonly messageId: string;
  readonly line: DisplayText;
}

/** An assistant's message, of any version of opencode. Its parts are read only when they are asked for. */
export interface ReadableAssistant {
  readonly id: string;
  /** The whole message with its parts. */
  message(): AssistantMessage;
  /** The last line of its last text. */
  lastLine(): DisplayText | undefined;
  context(): MeasuredContext | undefined;
}

/** The newest messages of a session, newest first, from a database or a server. */
export interface NewestMessages {
  /** Read up to the first prompt. */
  readonly users: Iterable<UserMessage>;
  readonly assistants: readonly ReadableAssistant[];
  /** When the messages and the parts that were read changed. */
  readonly timesMs: readonly (number | undefined)[];
  /** The last message with output, looked for beyond these messages where none of them has any. */
  earlierContext?(): MeasuredContext | undefined;
}

/** The facts; and where two of them were found, so that a reader need not look for them again. */
export interface ReadFacts {
  readonly facts: ConversationFacts;
  readonly output: LastOutput | undefined;
  readonly context: MeasuredContext | undefined;
}

/** The facts of a session's newest messages. How many of them are read is each source's own decision. */
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

/** The newest user message of any kind, and the newest that is a prompt. */
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

/** The first thing that is found in any of these, looked for in their order. */
function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
