import type { DisplayText } from '../../text/sanitize.ts';

/** A line of opencode's log that otop uses. Any other line has no event; only its time counts. */
export type LogEvent =
  /** The first line of a log (1.15 and older): the arguments of the process. */
  | { readonly kind: 'args'; readonly args: readonly string[] }
  /** `creating instance`: a TUI writes it 1.5 to 4 s after its start (1.17 and newer, measured). */
  | { readonly kind: 'instance'; readonly directory: string }
  | { readonly kind: 'created'; readonly sessionId: string; readonly parentId?: string }
  /** `loop`: step 0 is a prompt, later steps continue the same turn. */
  | { readonly kind: 'loop'; readonly sessionId: string; readonly step: number }
  /** `GET /session/ID/todo`: the TUI opened the session (1.14 and older). */
  | { readonly kind: 'opened'; readonly sessionId: string }
  | {
      readonly kind: 'ask';
      readonly id: string;
      readonly askKind: 'permission' | 'question';
      readonly permission?: string;
      readonly patterns: readonly DisplayText[];
    }
  /** `bus type=permission.replied`, which permissions get up to 1.15, has no id. */
  | { readonly kind: 'replied'; readonly id?: string }
  /** `process`: the message of a step begins. Up to 1.3 the line names no session. */
  | { readonly kind: 'step'; readonly sessionId?: string }
  /** `stream`: one request to the model. A second one without a `step` in between is a retry. */
  | { readonly kind: 'stream'; readonly sessionId: string; readonly agent?: string }
  | { readonly kind: 'failed'; readonly sessionId: string; readonly text: DisplayText }
  /** `exiting loop` or `cancel`. */
  | { readonly kind: 'ended'; readonly sessionId: string };

/** One parsed line of the log. */
export interface LogLine {
  readonly atMs: number;
  /** `run=` of the shared log; absent in a log that belongs to one process. */
  readonly run?: string;
  readonly event?: LogEvent;
}
