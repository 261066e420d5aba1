import type { DisplayText } from '../../text/sanitize.ts';

/** A session that a process's log names, with the time of the line. */
export interface LogSession {
  readonly sessionId: string;
  /** Present if the line names the parent of a subagent. */
  readonly parentId?: string;
  readonly atMs: number;
  /** The kind of line: created, prompted, or opened in the TUI (1.3 and older). */
  readonly how: 'created' | 'prompted' | 'opened';
}

/** An `asking` line: a permission request or a question. */
export interface LogAsk {
  readonly id: string;
  readonly kind: 'permission' | 'question';
  /** `bash`, `edit`, `external_directory`, …; permissions only. */
  readonly permission?: string;
  readonly patterns: readonly DisplayText[];
  readonly atMs: number;
  /** The time of the line with the reply (questions in all versions, permissions up to 1.15). */
  readonly repliedAtMs?: number;
}

/** The last model requests of one session, from `stream` and `stream error` lines. */
export interface LogStream {
  readonly sessionId: string;
  readonly atMs: number;
  readonly agent?: string;
  /** The number of `stream` lines since the last `process` line; more than one is a retry. */
  readonly attempts: number;
  readonly errorText?: DisplayText;
  readonly errorAtMs?: number;
}

/** The facts from one process's own log lines, newest last. */
export interface LogFacts {
  readonly pid: number;
  /** `run=` of the shared log (1.17 and newer), or the log file's name (1.15 and older). */
  readonly run: string;
  /** True if the lines certainly belong to this process, by its own log file or by its descriptor's position. */
  readonly exact: boolean;
  /** Other processes that write the same log, if its lines do not name their process (1.15 and older). */
  readonly sharedWith?: readonly number[];
  /** True if all lines since the start of the process were read: then a session that is not listed was never prompted. */
  readonly complete?: boolean;
  readonly sessions: readonly LogSession[];
  readonly asks: readonly LogAsk[];
  readonly streams: readonly LogStream[];
  /** The time of the last `exiting loop` or `cancel` line, by session. */
  readonly loopEndedAtMs: ReadonlyMap<string, number>;
  readonly lastLineAtMs?: number;
}
