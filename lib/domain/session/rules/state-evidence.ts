import type { LogFacts } from '../../evidence/log-facts.ts';
import type { OpencodeProcess } from '../../process/process.ts';
import type { ReportedStatus } from '../reported-status.ts';
import type { Session } from '../session.ts';
import type { SessionState } from '../state.ts';

/** What a session's process tells of its state; of a server's on another host hardly more than that it lives. */
type Runner = Pick<OpencodeProcess, 'startedAtMs' | 'children' | 'pane'>;

/** Everything that is known about one session at one instant; a missing side is `undefined`. */
export interface StateEvidence {
  readonly session: Session;
  /** The live process that runs it; a subagent's is its root's. */
  readonly process?: Runner | undefined;
  /** That process's log. */
  readonly log?: LogFacts | undefined;
  /** What otop's plugin or opencode's server says of this session. */
  readonly reported?: ReportedStatus | undefined;
  /** Subagents at any depth with their states. */
  readonly subagents?: readonly { readonly session: Session; readonly state: SessionState }[] | undefined;
  /** When you last looked at it; absent where otop has no record, then nothing is `unread`. */
  readonly viewedAtMs?: number | undefined;
  readonly nowMs: number;
}

/** What a rule says: a state without what follows from it (`needsYou`, `unread`, the rule's own id). */
export interface Verdict
  extends Pick<SessionState, 'name'>,
    Partial<Pick<SessionState, 'askingFor' | 'raisedFrom'>> {
  readonly detail?: SessionState['detail'] | undefined;
  readonly tool?: SessionState['tool'] | undefined;
  readonly sinceMs?: number | undefined;
  /** The person at the keyboard ended it, so has seen that it ended: never `unread`. */
  readonly seen?: boolean;
}
