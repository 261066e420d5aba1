import type { LogFacts } from '../../evidence/log-facts.ts';
import type { OpencodeProcess } from '../../process/process.ts';
import type { ReportedStatus } from '../reported-status.ts';
import type { Session } from '../session.ts';
import type { SessionState } from '../state.ts';

/** The facts of the session's process. For a server on another host only its existence is known. */
type Runner = Pick<OpencodeProcess, 'startedAtMs' | 'children' | 'pane'>;

/** All that is known about one session at `nowMs`; a missing source is `undefined`. */
export interface StateEvidence {
  readonly session: Session;
  /** The live process that runs the session; for a subagent the process of its root. */
  readonly process?: Runner | undefined;
  /** The log of this process. */
  readonly log?: LogFacts | undefined;
  /** The report of otop's plugin or of opencode's server. */
  readonly reported?: ReportedStatus | undefined;
  /** Subagents at any depth with their states. */
  readonly subagents?: readonly { readonly session: Session; readonly state: SessionState }[] | undefined;
  /** When the user last viewed the session; without it the session is never `unread`. */
  readonly viewedAtMs?: number | undefined;
  readonly nowMs: number;
}

/** The verdict of a rule: a state without the derived fields (`needsYou`, `unread`, `rule`). */
export interface Verdict
  extends Pick<SessionState, 'name'>,
    Partial<Pick<SessionState, 'askingFor' | 'raisedFrom'>> {
  readonly detail?: SessionState['detail'] | undefined;
  readonly tool?: SessionState['tool'] | undefined;
  readonly sinceMs?: number | undefined;
  /** The user ended the turn, so knows that it ended: never `unread`. */
  readonly seen?: boolean;
}
