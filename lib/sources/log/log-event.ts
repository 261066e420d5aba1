import type { DisplayText } from '../../text/sanitize.ts';

/** What one line of opencode's log says that otop wants to know; every other line only shows a sign of life. */
export type LogEvent =
  /** First line up to 1.15: the process's own arguments. */
  | { readonly kind: 'args'; readonly args: readonly string[] }
  /** `creating instance`: 1.5 to 4 s after the start of a TUI (1.17 and newer, measured). */
  | { readonly kind: 'instance'; readonly directory: string }
  | { readonly kind: 'created'; readonly sessionId: string; readonly parentId?: string }
  /** `loop`: step 0 is a prompt, later steps only go on with it. */
  | { readonly kind: 'loop'; readonly sessionId: string; readonly step: number }
  /** `GET /session/ID/todo`: the TUI opened it (1.14 and older). */
  | { readonly kind: 'opened'; readonly sessionId: string }
  | {
      readonly kind: 'ask';
      readonly id: string;
      readonly asks: 'permission' | 'question';
      readonly permission?: string;
      readonly patterns: readonly DisplayText[];
    }
  /** Without an id up to 1.15 for permissions: `bus type=permission.replied`. */
  | { readonly kind: 'replied'; readonly id?: string }
  /** `process`: a step's message begins; without a session up to 1.3. */
  | { readonly kind: 'step'; readonly sessionId?: string }
  /** `stream`: one request to the model; a second one without a `step` between is a retry. */
  | { readonly kind: 'stream'; readonly sessionId: string; readonly agent?: string }
  | { readonly kind: 'failed'; readonly sessionId: string; readonly text: DisplayText }
  /** `exiting loop` or `cancel`. */
  | { readonly kind: 'ended'; readonly sessionId: string };

/** One line of the log, understood. */
export interface LogLine {
  readonly atMs: number;
  /** `run=` of the shared log; absent in a process's own log. */
  readonly run?: string;
  readonly event?: LogEvent;
}
