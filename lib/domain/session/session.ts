import type { DisplayText } from '../../text/sanitize.ts';
import { omitUndefined } from '../omit-undefined.ts';

/** Tokens of one message, or the sum over a session; `input` excludes `cacheRead`, as in all versions of opencode. */
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
  /** `state.time.start`: up to 1.17.19 the approval of a permission resets it. */
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** `part.time_updated`. */
  readonly updatedAtMs?: number;
  /** A running call without metadata may wait for permission; see opencode.md, "Asking or running". */
  readonly hasMetadata: boolean;
  /** The object of the call in one line: the command, the file, the URL or the description. */
  readonly subject?: DisplayText;
  /** Of a `question` tool: the text of the first question. */
  readonly question?: DisplayText;
  /** Of a `task` tool: the subagent's session, if the metadata names it. */
  readonly childSessionId?: string;
  readonly error?: DisplayText;
}

/** One part of an assistant message, with the facts about its progress. */
export type Part =
  | { readonly kind: 'tool'; readonly call: ToolCall }
  | {
      readonly kind: 'text' | 'reasoning';
      readonly startedAtMs?: number;
      readonly endedAtMs?: number;
      readonly updatedAtMs?: number;
      /** False during the stream: the database holds "" until its end. */
      readonly hasText: boolean;
    }
  | { readonly kind: 'step-start' | 'step-finish' | 'compaction'; readonly updatedAtMs?: number }
  /** A part of an unknown type; `type` is absent if the row has none or is not JSON. */
  | { readonly kind: 'other'; readonly type?: DisplayText; readonly updatedAtMs?: number };

/** A user message: a prompt, a compaction request, or a synthetic continuation. */
export interface UserMessage {
  readonly id: string;
  readonly createdAtMs?: number;
  /** opencode 2 only: the message's place in its session. */
  readonly seq?: number;
  readonly kind: 'prompt' | 'compaction' | 'synthetic';
  readonly text?: DisplayText;
}

/** An assistant message: one step of a turn. */
export interface AssistantMessage {
  readonly id: string;
  readonly createdAtMs?: number;
  /** opencode 2 only: the message's place in its session. */
  readonly seq?: number;
  readonly completedAtMs?: number;
  readonly updatedAtMs?: number;
  readonly finish?: DisplayText;
  readonly error?: TurnError;
  /** opencode 2 only: the retry that is due; opencode removes it when it starts. */
  readonly retry?: { readonly attempt: number; readonly atMs?: number; readonly message?: DisplayText };
  readonly agent?: DisplayText;
  readonly model?: ModelRef;
  /** True for the message with a compaction's summary. */
  readonly isSummary: boolean;
  /** Oldest first. */
  readonly parts: readonly Part[];
}

/** The error of a message or a turn, as opencode names it. */
export interface TurnError {
  readonly name: DisplayText;
  readonly message?: DisplayText;
}

/** opencode 2: how the newest turn ended. */
export interface TurnEnd {
  readonly outcome: 'succeeded' | 'failed' | 'interrupted';
  readonly atMs?: number;
  readonly error?: TurnError;
}

/** Counts of a session's todo rows. */
export interface TodoCount {
  readonly total: number;
  readonly done: number;
}

/**
 * One session as the database holds it: the evidence for its state, nothing inferred.
 * A field is absent if the version has no such column or the row has no value.
 */
export interface Session {
  readonly id: string;
  /** The path of its database; empty if the database is on another host. */
  readonly databasePath: string;
  readonly parentId?: string;
  readonly title?: DisplayText;
  /** For display. */
  readonly directory?: DisplayText;
  /** The stored bytes, to compare with a process's cwd and to run commands in; never shown. */
  readonly directoryPath?: string;
  readonly version?: DisplayText;
  readonly agent?: DisplayText;
  readonly model?: ModelRef;
  readonly createdAtMs?: number;
  /** `session.time_updated`: changes at the start and the end of a turn, not during it. */
  readonly updatedAtMs?: number;
  /** The latest of session, message and part times: the last sign of life in the database. */
  readonly activeAtMs?: number;
  readonly archivedAtMs?: number;
  /** False for `opencode run` (its permission rules deny the question tool). */
  readonly interactive: boolean;
  /** True between an /undo and the next prompt: the messages after the revert point do not count. */
  readonly reverted: boolean;
  /** This and the facts below are absent until a source has read the session's messages. */
  readonly messageCount?: number;
  /** The newest user message that is a prompt. */
  readonly lastPrompt?: UserMessage;
  /** The newest user message of any kind. */
  readonly newestUser?: UserMessage;
  readonly newestAssistant?: AssistantMessage;
  /** The last line of the assistant's last text. */
  readonly lastOutput?: DisplayText;
  /** Tokens of the last assistant message with output: input + output + reasoning + cache (the TUI's own figure). */
  readonly contextTokens?: number;
  /** The model of the message that `contextTokens` comes from. */
  readonly contextModel?: ModelRef;
  /** Own tokens and cost in US dollars, without subagents; the cost is absent if unknown. */
  readonly tokens?: TokenCount;
  readonly cost?: number;
  readonly todos?: TodoCount;
  /** opencode 2 only: `session_v2.time_suspended`, set during a turn. */
  readonly claimedAtMs?: number;
  readonly idleAtMs?: number;
  /** opencode 2 only: `session_v2.time_viewed`, a copy of `idleAtMs` made when a user viewed the session. */
  readonly viewedAtMs?: number;
  /** opencode 2 only: the end of the newest turn; absent if a message is newer. */
  readonly turnEnd?: TurnEnd;
  /** opencode 2 only: prompts that wait to be delivered to the model; absent if there are none. */
  readonly queue?: { readonly count: number; readonly sinceMs?: number };
}

/** True for a session that opencode 2 has worked on: only its rows have places, claims and ends. */
export function isOfTwo({ newestUser, newestAssistant, turnEnd, claimedAtMs, idleAtMs }: Session): boolean {
  const signs = [newestUser?.seq, newestAssistant?.seq, turnEnd, claimedAtMs, idleAtMs];
  return signs.some((sign) => sign !== undefined);
}

/** Sums over sessions, for the header and `serve`. */
export interface Totals {
  readonly sessionCount: number;
  readonly messageCount: number;
  readonly tokens: TokenCount;
  readonly cost?: number;
}

type MessageFacts = Pick<Session, 'newestAssistant' | 'contextModel'>;

/** The model and the agent of the newest messages. Before 1.14.34 the session's own record holds neither. */
export function answeredBy({
  newestAssistant,
  contextModel,
}: MessageFacts): Pick<Session, 'model' | 'agent'> {
  const model = newestAssistant?.model ?? contextModel;
  // A special agent writes the summary of a compaction; the session does not continue with it.
  const agent = newestAssistant?.isSummary === false ? newestAssistant.agent : undefined;
  return omitUndefined({ model, agent });
}

/** The latest of the known times; undefined if all are unknown. */
export function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
