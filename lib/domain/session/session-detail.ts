import type { DisplayText } from '../../text/sanitize.ts';
import type { AssistantMessage, ModelRef, TokenCount, ToolCall } from './session.ts';

/** One todo of a session, in the order of the list. */
export interface TodoItem {
  readonly content: DisplayText;
  /** `pending`, `in_progress`, `completed`, `cancelled`, or a word of a newer version. */
  readonly status: DisplayText;
  readonly priority?: DisplayText;
}

/** A tool call in the history, with what it was given. */
export interface HistoryTool {
  readonly tool: DisplayText;
  readonly status: ToolCall['status'];
  readonly subject?: DisplayText;
  /** Its whole input as JSON in one line, cut where it is long. */
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
  /** The texts of its parts, line by line; reasoning is left out. */
  readonly lines: readonly DisplayText[];
}

/** What the detail view opens with; the messages themselves are read as they come into sight. */
export interface SessionDetail {
  readonly sessionId: string;
  readonly messageCount: number;
  readonly todos: readonly TodoItem[];
}

/** True for the status of a todo of which nothing is left to do. */
export function isDoneTodo(status: unknown): boolean {
  return status === 'completed' || status === 'cancelled';
}
