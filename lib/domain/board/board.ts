import type { DisplayText } from '../../text/sanitize.ts';
import type { Match } from '../evidence/match.ts';
import type { OpencodeProcess } from '../process/process.ts';
import type { Session, Totals } from '../session/session.ts';
import type { SessionState, StateName } from '../session/state.ts';

/** The use of the model's window after the last message with output. */
export interface ContextUse {
  readonly usedTokens?: number;
  readonly limitTokens?: number;
  /** 0 to 100 and above; absent if one of the two is unknown. */
  readonly percent?: number;
}

/** One row of the Board: a process with its session, only a process, or (with --all) only a session. */
export interface Row {
  /** Stable from one Board to the next: the session's id, or `pid:N` for a process without one. */
  readonly key: string;
  readonly host: DisplayText;
  /** Set if another machine's otop sent the row: its process, pane and files are on that machine. */
  readonly elsewhere?: Elsewhere;
  /** The URL of the named server that hosts the session. */
  readonly serverUrl?: string;
  readonly process?: OpencodeProcess;
  readonly match?: Match;
  readonly session?: Session;
  readonly state: SessionState;
  /** True if it works or waits in opencode 2's service and no viewer is in its directory. */
  readonly unwatched?: boolean;
  /**
   * Why a permission of its running tool could not be seen: only the service of opencode 2 knows its asks, and otop has no
   * connection to it. Absent if they are seen, or if no tool runs.
   */
  readonly asksUnseen?: DisplayText;
  /** The pids of the viewers that show the session; the row has the pane and the terminal of the first. */
  readonly viewerPids?: readonly number[];
  readonly context: ContextUse;
  /** US dollars: the session's own cost, and the total with subagents; absent if unknown. */
  readonly cost?: { readonly own?: number; readonly total?: number };
  /** Subagents at any depth, newest first. */
  readonly children: readonly Subagent[];
  /** Tokens per minute, one number for each minute, oldest first; absent if unknown. */
  readonly tokensPerMinute?: readonly number[];
  /** The git branch of its directory. Absent until something needs it: the column in view, a sort order, a filter. */
  readonly branchName?: DisplayText;
  /** The last line of the streaming text on its terminal; read only while the row is visible. */
  readonly streamed?: DisplayText;
  /** Its position in the tree, if the tree is shown. Depth 0 is the root; `hidden` counts its folded subagents. */
  readonly treePosition?: { readonly rootKey: string; readonly depth: number; readonly hidden: number };
}

/** The way to a row of another machine. */
export interface Elsewhere {
  readonly by: 'ssh' | 'otop';
  /** The command that attaches a terminal of that machine to the row's tmux pane. */
  readonly attach?: string;
}

/** A subagent's session; the row of its root holds it. */
export interface Subagent {
  readonly session: Session;
  readonly state: SessionState;
  readonly depth: number;
  /** As of a row; absent where another machine judged it, since it sends neither. */
  readonly context?: ContextUse;
  /** US dollars, its own; absent if unknown. */
  readonly cost?: number;
}

/** A failure of a source, with a text for the notice line. */
export interface Trouble {
  readonly source:
    | 'database'
    | 'processes'
    | 'log'
    | 'tmux'
    | 'models'
    | 'marker'
    | 'server'
    | 'host'
    | 'config';
  /** The problem and its solution. */
  readonly text: DisplayText;
  /** Set if a concurrent writer may be the cause: the next poll may succeed. */
  readonly passing?: true;
  /** The time of the last successful read, whose rows are still shown. */
  readonly staleSinceMs?: number;
  /** The databases that do not exist, none of which the user named; a trouble only beside a running opencode. */
  readonly lookedFor?: readonly DisplayText[];
}

/** Another machine or a named server, whose sessions are on the Board. */
export interface HostStatus {
  /** Its name in the host column, in filters and in JSON. */
  readonly name: DisplayText;
  readonly kind: 'server' | 'otop' | 'ssh';
  /** `away`: not reachable; its last rows are still shown. */
  readonly link: 'connecting' | 'live' | 'away';
  /** When the last data arrived; absent if never. */
  readonly heardAtMs?: number;
  /** Why it is away, and the solution. */
  readonly why?: DisplayText;
  /** Identifies the machine and the user, if its otop sends it; does not depend on the name that reaches it. */
  readonly machineId?: DisplayText;
  /** Its own sums, without those of the machines that it shows itself. */
  readonly figures?: MachineFigures;
}

/** The sums of one machine. */
export interface MachineFigures {
  readonly today?: Totals;
  /** Oldest first; the last number belongs to the running minute. */
  readonly tokensPerMinute?: readonly number[];
}

/** The merged data of all sources at one instant, for the screen and for every command. */
export interface Board {
  readonly atMs: number;
  readonly rows: readonly Row[];
  /** All opencode processes of this machine, including those without a row. */
  readonly processes: readonly OpencodeProcess[];
  readonly counts: Readonly<Record<StateName, number>>;
  readonly needsYouCount: number;
  readonly unreadCount: number;
  readonly today?: Totals;
  readonly allTime?: Totals;
  /** 0 to 1 while otop still computes the sums over a large database. */
  readonly totalsProgress?: number;
  /** Tokens per minute of all sessions, oldest first. */
  readonly tokensPerMinute: readonly number[];
  readonly troubles: readonly Trouble[];
  /** The databases that otop looked for; set if this machine has no database and no process of opencode. */
  readonly lookedFor?: readonly DisplayText[];
  /** Other machines and named servers. */
  readonly hosts: readonly HostStatus[];
  /** True for the simulated fleet of --demo. */
  readonly demo: boolean;
}
