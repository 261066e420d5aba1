import type { TokenCount } from '../domain/session/session.ts';

/** A JSON object of a `data` column. */
export type Json = Readonly<Record<string, unknown>>;

/** The columns of a session's row that differ between sessions of the fleet. */
export interface SessionRow {
  readonly id: string;
  readonly projectId: string;
  readonly parentId?: string;
  readonly slug: string;
  readonly directory: string;
  readonly title: string;
  readonly permission?: string;
  readonly agent: string;
  readonly model: Json;
  readonly cost: number;
  readonly tokens: TokenCount;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** One todo as opencode's tool writes it. */
export interface Todo {
  readonly content: string;
  readonly status: 'pending' | 'in_progress' | 'completed';
  readonly priority: 'high' | 'medium' | 'low';
}

/** One write of a simulated opencode: the new values of a row, or a log line. */
export type FleetEvent =
  | { readonly kind: 'project'; readonly id: string; readonly worktree: string; readonly atMs: number }
  | { readonly kind: 'session'; readonly row: SessionRow; readonly atMs: number }
  | {
      readonly kind: 'message';
      readonly id: string;
      readonly sessionId: string;
      readonly createdMs: number;
      readonly data: Json;
      readonly atMs: number;
    }
  | {
      readonly kind: 'part';
      readonly id: string;
      readonly sessionId: string;
      readonly messageId: string;
      readonly createdMs: number;
      readonly data: Json;
      readonly atMs: number;
    }
  | {
      readonly kind: 'todos';
      readonly sessionId: string;
      readonly todos: readonly Todo[];
      readonly atMs: number;
    }
  /** The session's rows are deleted, as by `opencode session delete`. */
  | { readonly kind: 'forgotten'; readonly sessionId: string; readonly atMs: number }
  | { readonly kind: 'log'; readonly process: LogWriter; readonly line: string; readonly atMs: number };

/** A writer of the shared log; its position moves when one of its lines is appended. */
export interface LogWriter {
  /** Offset after its last line, in bytes; absent before the first line. */
  logPositionBytes?: number;
}
