import type { DisplayText } from '../../text/sanitize.ts';
import { omitUndefined } from '../omit-undefined.ts';

/** Tokens of one message or summed over a session; `input` excludes `cacheRead` (opencode's own rule, all versions). */
export interface TokenCount {
  readonly input: number;
  readonly output: number;
  readonly reasoning: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** The model of a session or a message, as opencode names it. */
export interface ModelRef {
  readonly providerId: DisplayText;
  readonly modelId: DisplayText;
  readonly variant?: DisplayText;
}

/** One tool part of the newest assistant message. */
export interface ToolCall {
  readonly partId: string;
  readonly callId?: string;
  readonly tool: DisplayText;
  readonly status: 'pending' | 'running' | 'completed' | 'error' | 'unknown';
  /** `state.time.start`: up to 1.17.19 reset at a permission's approval, later kept. */
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** `part.time_updated`. */
  readonly updatedAtMs?: number;
  /** Running without metadata may be a wait for permission; see opencode.md, "Asking or running". */
  readonly hasMetadata: boolean;
  /** What it works on, in one line: the command, the file, the URL, the description. */
  readonly subject?: DisplayText;
  /** The first question's text, of a `question` tool. */
  readonly question?: DisplayText;
  /** The subagent's session, of a `task` tool, where its metadata names it. */
  readonly childSessionId?: string;
  readonly error?: DisplayText;
}

/** What the parts of an assistant message say of its progress, oldest first. */
export type Part =
  | { readonly kind: 'tool'; readonly call: ToolCall }
  | {
      readonly kind: 'text' | 'reasoning';
      readonly startedAtMs?: number;
      readonly endedAtMs?: number;
      readonly updatedAtMs?: number;
      /** False while it streams: the database holds "" until the end of the stream. */
      readonly hasText: boolean;
    }
  | { readonly kind: 'step-start' | 'step-finish' | 'compaction'; readonly updatedAtMs?: number }
  /** A type that no rule knows; absent where the row has none, or is no JSON. */
  | { readonly kind: 'other'; readonly type?: DisplayText; readonly updatedAtMs?: number };

/** A user message: a prompt, a compaction request, or a synthetic continuation. */
export interface UserMessage {
  readonly id: string;
  readonly createdAtMs?: number;
  readonly kind: 'prompt' | 'compaction' | 'synthetic';
  readonly text?: DisplayText;
}

/** An assistant message: one step of a turn. */
export interface AssistantMessage {
  readonly id: string;
  readonly createdAtMs?: number;
  readonly completedAtMs?: number;
  readonly updatedAtMs?: number;
  readonly finish?: DisplayText;
  readonly error?: { readonly name: DisplayText; readonly message?: DisplayText };
  readonly agent?: DisplayText;
  readonly model?: ModelRef;
  /** True for the message that writes a compaction's summary. */
  readonly isSummary: boolean;
  readonly parts: readonly Part[];
}

/** Counts of a session's todo rows. */
export interface TodoCount {
  readonly total: number;
  readonly done: number;
}

/**
 * One session as the database holds it: the evidence for its state, nothing inferred.
 * A field is absent where the version has no such column or the row does not say.
 */
export interface Session {
  readonly id: string;
  /** The database it was read from; empty where that is on another host. */
  readonly databasePath: string;
  readonly parentId?: string;
  readonly title?: DisplayText;
  /** For display. */
  readonly directory?: DisplayText;
  /** The bytes as stored: to compare with a process's cwd and to run commands in; never shown. */
  readonly directoryPath?: string;
  readonly version?: DisplayText;
  readonly agent?: DisplayText;
  readonly model?: ModelRef;
  readonly createdAtMs?: number;
  /** `session.time_updated`: changes at the start and end of a prompt, not during it. */
  readonly updatedAtMs?: number;
  /** The latest of session, message and part times: the last sign of life in the database. */
  readonly activeAtMs?: number;
  readonly archivedAtMs?: number;
  /** False for `opencode run` (its permission rules deny the question tool). */
  readonly interactive: boolean;
  /** True between an /undo and the next prompt: the messages after the revert point no longer count. */
  readonly reverted: boolean;
  /** The first messages' todo, message and turn facts are absent until the session's messages were read. */
  readonly messageCount?: number;
  /** The newest user message that is a prompt. */
  readonly lastPrompt?: UserMessage;
  /** The newest user message of any kind. */
  readonly newestUser?: UserMessage;
  readonly newestAssistant?: AssistantMessage;
  /** Every tool call still pending or running in the newest assistant message's turn. */
  readonly lastOutput?: DisplayText;
  /** Tokens of the last assistant message with output: input + output + reasoning + cache (the TUI's own figure). */
  readonly contextTokens?: number;
  /** The model that `contextTokens` was measured on. */
  readonly contextModel?: ModelRef;
  /** Own tokens and cost in US dollars, subagents excluded; cost absent where unknown. */
  readonly tokens?: TokenCount;
  readonly cost?: number;
  readonly todos?: TodoCount;
  /** opencode 2 only: `session_v2.time_suspended` is set while a turn runs. */
  readonly claimedAtMs?: number;
  readonly idleAtMs?: number;
}

/** Sums over sessions, for the header and `serve`. */
export interface Totals {
  readonly sessionCount: number;
  readonly messageCount: number;
  readonly tokens: TokenCount;
  readonly cost?: number;
}

/** What its messages tell of a session. */
type Told = Pick<Session, 'newestAssistant' | 'contextModel'>;

/** The model and the agent that answered last, for a session whose own record names neither, as before 1.14.34. */
export function answeredBy({ newestAssistant, contextModel }: Told): Pick<Session, 'model' | 'agent'> {
  const model = newestAssistant?.model ?? contextModel;
  // What sums a conversation up is not the agent that goes on with it.
  const agent = newestAssistant?.isSummary === false ? newestAssistant.agent : undefined;
  return omitUndefined({ model, agent });
}

/** The latest of the times that are known; undefined where none is. */
export function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
