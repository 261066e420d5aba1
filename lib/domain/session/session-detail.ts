import type { DisplayText } from '../../text/sanitize.ts';
import type { AssistantMessage, ModelRef, TokenCount, ToolCall } from './session.ts';

/** One entry of a session's todo list. */
export interface TodoItem {
  readonly content: DisplayText;
  /** `pending`, `in_progress`, `completed`, `cancelled`, or a status of a newer version. */
  readonly status: DisplayText;
  readonly priority?: DisplayText;
}

/** A tool call in the history, with its input. */
export interface HistoryTool {
  readonly tool: DisplayText;
  readonly status: ToolCall['status'];
  readonly subject?: DisplayText;
  /** The input as JSON in one line, truncated if it is long. */
  readonly input?: DisplayText;
  readonly error?: DisplayText;
}

/** One message of a session's history. */
export interface HistoryMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'other';
  readonly createdAtMs?: number;
  readonly completedAtMs?: number;
  readonly agent?: DisplayText;
  readonly model?: ModelRef;
  readonly tokens?: TokenCount;
  readonly cost?: number;
  readonly finish?: DisplayText;
  readonly error?: AssistantMessage['error'];
  readonly tools: readonly HistoryTool[];
  /** The lines of its text parts, without reasoning. */
  readonly lines: readonly DisplayText[];
}

/** The content of the detail view when it opens; it reads each message when it becomes visible. */
export interface SessionDetail {
  readonly sessionId: string;
  readonly messageCount: number;
  readonly todos: readonly TodoItem[];
}

/** True for the status of a finished or cancelled todo. */
export function isDoneTodo(status: unknown): boolean {
  return status === 'completed' || status === 'cancelled';
}
