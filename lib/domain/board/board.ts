import type { DisplayText } from '../../text/sanitize.ts';
import type { Match } from '../evidence/match.ts';
import type { OpencodeProcess } from '../process/process.ts';
import type { Session, Totals } from '../session/session.ts';
import type { SessionState, StateName } from '../session/state.ts';

/** How full the model's window was after the last finished turn. */
export interface ContextUse {
  readonly usedTokens?: number;
  readonly limitTokens?: number;
  /** 0 to 100 and above; absent where either side is unknown. */
  readonly percent?: number;
}

/** One line of the Board: a process with its session, a process alone, or (with --all) a session alone. */
export interface Row {
  /** Stable from one Board to the next: the session's id, or `pid:N` for a process without one. */
  readonly key: string;
  readonly host: DisplayText;
  /** Another machine's otop told it: its process, its pane and its files are there. */
  readonly elsewhere?: Elsewhere;
  /** Where a server that the person named hosts it. */
  readonly serverUrl?: string;
  readonly process?: OpencodeProcess;
  readonly match?: Match;
  readonly session?: Session;
  readonly state: SessionState;
  /** It works or waits in opencode 2's service, and no viewer is in its directory. */
  readonly unwatched?: boolean;
  readonly context: ContextUse;
  /** US dollars: the session's own, and with its subagents; absent where no price is known. */
  readonly cost?: { readonly own?: number; readonly total?: number };
  /** Subagents at any depth, newest first. */
  readonly children: readonly Subagent[];
  /** Tokens a minute, oldest first, one number a minute; absent before anything is known. */
  readonly tokensPerMinute?: readonly number[];
  /** What git has checked out in its directory; read only while that is shown. */
  readonly branchName?: DisplayText;
  /** The last line on its terminal of what the model writes just now; read only while the row is on the screen. */
  readonly streamed?: DisplayText;
  /** Its place in the tree, where that is shown; depth 0 is the root, which may hide its subagents. */
  readonly branch?: { readonly rootKey: string; readonly depth: number; readonly hidden: number };
}

/** How another machine's row is come to. */
export interface Elsewhere {
  readonly by: 'ssh' | 'otop';
  /** The command that attaches a terminal of that machine to the row's tmux pane. */
  readonly attach?: string;
}

/** A subagent's session, under its root's row. */
export interface Subagent {
  readonly session: Session;
  readonly state: SessionState;
  readonly depth: number;
}

/** A source that could not deliver, in words for the footer. */
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
  /** What is wrong and what to do. */
  readonly text: DisplayText;
  /** A writer may be the cause: another look a moment later may well find it gone. */
  readonly passing?: true;
  /** The rows shown are the last good ones, of this time. */
  readonly staleSinceMs?: number;
}

/** A place whose sessions are on the Board: another machine, or a named server. */
export interface HostStatus {
  /** As the host column, filters and JSON name it. */
  readonly name: DisplayText;
  readonly kind: 'server' | 'otop' | 'ssh';
  /** `away`: its rows are the last that it gave. */
  readonly link: 'connecting' | 'live' | 'away';
  /** When it last said anything; absent: never. */
  readonly heardAtMs?: number;
  /** Why it is away and what to do, in words. */
  readonly why?: DisplayText;
  /** Which machine, and whose sessions there, where its otop tells; the same by whatever name it is reached. */
  readonly machineId?: DisplayText;
  /** Its own sums, those of no third machine. */
  readonly figures?: MachineFigures;
}

/** What is told of a machine as a whole. */
export interface MachineFigures {
  readonly today?: Totals;
  /** Oldest first; the last number is the running minute's. */
  readonly tokensPerMinute?: readonly number[];
}

/** Everything merged, at one instant: what the screen and every command show. */
export interface Board {
  readonly atMs: number;
  readonly rows: readonly Row[];
  /** Every opencode process of this machine, those without a row too. */
  readonly processes: readonly OpencodeProcess[];
  readonly counts: Readonly<Record<StateName, number>>;
  readonly needsYouCount: number;
  readonly unreadCount: number;
  readonly today?: Totals;
  readonly allTime?: Totals;
  /** 0 to 1 while sums over an old, large database are still being taken. */
  readonly totalsProgress?: number;
  /** Tokens a minute over all sessions, oldest first. */
  readonly tokensPerMinute: readonly number[];
  readonly troubles: readonly Trouble[];
  /** Places other than this machine. */
  readonly hosts: readonly HostStatus[];
  /** True for the simulated fleet of --demo. */
  readonly demo: boolean;
}
