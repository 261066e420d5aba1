import type { LogFacts } from '../evidence/log-facts.ts';
import type { Evidence } from '../evidence/match.ts';
import type { OpencodeProcess } from '../process/process.ts';
import { newestStatuses, type ReportedStatus } from '../session/reported-status.ts';
import type { Session, Totals } from '../session/session.ts';
import type { HostStatus, Row, Trouble } from './board.ts';

/** What the Board wants from the databases, beyond the sessions that are active now. */
export interface SessionRequest {
  /** Sessions that processes, logs or markers name: read whatever their age. */
  readonly sessionIds: ReadonlySet<string>;
  /** Working directories of processes: their most recently updated sessions are candidates. */
  readonly directories: ReadonlySet<string>;
  /** With --all: every session of the last days, not only candidates. */
  readonly includeIdle: boolean;
  /** False where nobody asks for sums, of a session's messages or over all of them: then no time goes into any. */
  readonly sums: boolean;
}

/** One look at all databases. Never throws for what a file does: that is `troubles`. */
export interface SessionReading {
  readonly atMs: number;
  readonly sessions: ReadonlyMap<string, Session>;
  readonly today?: Totals;
  readonly allTime?: Totals;
  /** 0 to 1 while a first pass over a large database goes on in slices, one at each refresh. */
  readonly totalsProgress?: number;
  /** There are more sessions than one refresh had time for: refresh again soon, without waiting for a change. */
  readonly unfinished?: boolean;
  readonly troubles: readonly Trouble[];
}

/** The databases, as the monitor sees them; the real ones and the simulated fleet's are read by the same code. */
export interface SessionSource {
  /** Reads what changed since the last call; synchronous, milliseconds. */
  refresh(request: SessionRequest, nowMs: number): SessionReading;
  /** Files whose writing means "refresh": each database and its `-wal`, whether or not they exist yet. */
  readonly watchPaths: readonly string[];
  close(): void;
}

/** One look at all opencode processes. */
export interface ProcessReading {
  readonly atMs: number;
  readonly processes: readonly OpencodeProcess[];
  readonly troubles: readonly Trouble[];
}

/** The machine's processes, or the simulated fleet's. */
export interface ProcessSource {
  /** `full` looks for new processes too; otherwise the known ones are sampled again, cheaply. */
  sample(look: 'full' | 'known', nowMs: number): Promise<ProcessReading>;
  close(): void;
}

/** What the logs say, by process. */
export interface LogReading {
  readonly byPid: ReadonlyMap<number, LogFacts>;
  /** Log files whose writing means "refresh". */
  readonly watchPaths: readonly string[];
  readonly troubles: readonly Trouble[];
}

/** opencode's logs, read from where each process's descriptors point. */
export interface LogSource {
  /** Reads only bytes that are new since the last call; synchronous, milliseconds. */
  refresh(processes: readonly OpencodeProcess[], nowMs: number): LogReading;
  close(): void;
}

/** What opencode itself says of its sessions, at one instant. */
export interface ReportReading {
  readonly evidence: readonly Evidence[];
  /** By session id, subagents' too. */
  readonly statuses: ReadonlyMap<string, ReportedStatus>;
  readonly troubles: readonly Trouble[];
}

/** One reading of several; of two statuses of one session the one known later holds. */
export function mergeReports(readings: readonly ReportReading[]): ReportReading {
  return {
    evidence: readings.flatMap(({ evidence }) => evidence),
    statuses: newestStatuses(readings.flatMap(({ statuses }) => [...statuses.values()])),
    troubles: readings.flatMap(({ troubles }) => troubles),
  };
}

/** Where opencode itself says what it does: otop's plugin, or the HTTP API of a local server. */
export interface ReportSource {
  /** What is known now; synchronous, milliseconds: what takes longer goes on in the background and calls `listen`'s. */
  refresh(processes: readonly OpencodeProcess[], nowMs: number): ReportReading;
  /** Calls back whenever `refresh` would give something new. */
  listen(onChange: () => void): void;
  /**
   * Resolves once everything that was found had its say or used up its time for it, which is a few seconds at most;
   * undefined where nothing was found.
   */
  settled?(): Promise<void> | undefined;
  close(): void;
}

/** What another machine or a named server says of its sessions: whole rows, judged there. */
export interface HostReading {
  readonly host: HostStatus;
  /** Their keys are unique over all hosts. */
  readonly rows: readonly Row[];
  readonly troubles: readonly Trouble[];
}

/** Other machines and named servers. */
export interface HostSource {
  /** The last that each host said; synchronous: connections live in the background and call `listen`'s. */
  refresh(nowMs: number): readonly HostReading[];
  listen(onChange: () => void): void;
  /** As a ReportSource's. */
  settled?(): Promise<void> | undefined;
  close(): void;
}

/** Everything the Board is built from, at one instant; a side that is missing is absent, not empty. */
export interface Readings {
  readonly nowMs: number;
  readonly sessions?: SessionReading;
  readonly processes?: ProcessReading;
  readonly log?: LogReading;
  readonly reports?: ReportReading;
  /** Other machines and named servers; their rows follow the local ones. */
  readonly hosts?: readonly HostReading[];
}
