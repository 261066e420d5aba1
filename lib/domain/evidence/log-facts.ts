import type { DisplayText } from '../../text/sanitize.ts';

/** A session that a process's log names, and when. */
export interface LogSession {
  readonly sessionId: string;
  /** Present where the line says it is a subagent's. */
  readonly parentId?: string;
  readonly atMs: number;
  /** The kind of line: it was created, prompted, opened in the TUI (1.3 and older). */
  readonly how: 'created' | 'prompted' | 'opened';
}

/** An `asking` line: a permission or a question that came up. */
export interface LogAsk {
  readonly id: string;
  readonly kind: 'permission' | 'question';
  /** `bash`, `edit`, `external_directory`, …; permissions only. */
  readonly permission?: string;
  readonly patterns: readonly DisplayText[];
  readonly atMs: number;
  /** When a later line says it was answered (questions always; permissions up to 1.15 only). */
  readonly repliedAtMs?: number;
}

/** What the model requests of one session looked like last, from `stream` and `stream error` lines. */
export interface LogStream {
  readonly sessionId: string;
  readonly atMs: number;
  readonly agent?: string;
  /** How many `stream` lines since the last `process` line: more than one is a retry. */
  readonly attempts: number;
  readonly errorText?: DisplayText;
  readonly errorAtMs?: number;
}

/** Everything one process's own log lines say, newest last. */
export interface LogFacts {
  readonly pid: number;
  /** `run=` of the shared log (1.17 and newer), or the log file's name (1.15 and older). */
  readonly run: string;
  /** True where the lines are surely this process's: its own descriptor or its descriptor's position. */
  readonly exact: boolean;
  /** Processes that write the same log, where its lines do not tell whose they are (1.15 and older). */
  readonly sharedWith?: readonly number[];
  /** True where every line since the process's start was looked at: a session not named here was never prompted. */
  readonly complete?: boolean;
  readonly sessions: readonly LogSession[];
  readonly asks: readonly LogAsk[];
  readonly streams: readonly LogStream[];
  /** When the last `exiting loop` or `cancel` was logged, by session. */
  readonly loopEndedAtMs: ReadonlyMap<string, number>;
  readonly lastLineAtMs?: number;
}
