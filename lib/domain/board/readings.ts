import type { DisplayText } from '../../text/sanitize.ts';
import type { LogFacts } from '../evidence/log-facts.ts';
import type { Evidence } from '../evidence/match.ts';
import type { OpencodeProcess } from '../process/process.ts';
import { newestStatuses, type ReportedStatus } from '../session/reported-status.ts';
import type { Session, Totals } from '../session/session.ts';
import type { HostStatus, Row, Trouble } from './board.ts';

/** The request to the databases, in addition to the sessions that are active now. */
export interface SessionRequest {
  /** Sessions that processes, logs or markers name; read at any age. */
  readonly sessionIds: ReadonlySet<string>;
  /** Working directories of processes: their most recently updated sessions are candidates. */
  readonly directories: ReadonlySet<string>;
  /** With --all: all sessions of the last days, not only candidates. */
  readonly includeIdle: boolean;
  /** False if the caller needs no sums, neither of a session nor over all: then none are computed. */
  readonly sums: boolean;
}

/** The result of one poll of all databases. */
export interface SessionReading {
  readonly atMs: number;
  readonly sessions: ReadonlyMap<string, Session>;
  readonly today?: Totals;
  readonly allTime?: Totals;
  /** 0 to 1 during the first pass over a large database; each refresh reads one slice. */
  readonly totalsProgress?: number;
  /** One refresh had no time for all sessions: refresh again soon, without waiting for a change. */
  readonly unfinished?: boolean;
  readonly troubles: readonly Trouble[];
}

/** The databases, for the monitor. The demo's databases are read by the same code. */
export interface SessionSource {
  /** Reads the changes since the last call; synchronous, within milliseconds. File errors go to `troubles`. */
  refresh(request: SessionRequest, nowMs: number): SessionReading;
  /** A write to one of these files requires a refresh: each database and its `-wal`, also before they exist. */
  readonly watchPaths: readonly string[];
  close(): void;
}

/** The result of one poll of all opencode processes. */
export interface ProcessReading {
  readonly atMs: number;
  readonly processes: readonly OpencodeProcess[];
  readonly troubles: readonly Trouble[];
}

/** The processes of the machine, or of the demo. */
export interface ProcessSource {
  /**
   * `full` searches all processes of the machine. `known` is cheaper: it samples the known processes, and on Linux
   * also finds new ones.
   */
  sample(scope: 'full' | 'known', nowMs: number): Promise<ProcessReading>;
  close(): void;
}

/** The facts from the logs, by process. */
export interface LogReading {
  readonly byPid: ReadonlyMap<number, LogFacts>;
  /** A write to one of these log files requires a refresh. */
  readonly watchPaths: readonly string[];
  readonly troubles: readonly Trouble[];
}

/** opencode's logs, found by the open descriptors of each process. */
export interface LogSource {
  /** Reads only the bytes that are new since the last call; synchronous, within milliseconds. */
  refresh(processes: readonly OpencodeProcess[], nowMs: number): LogReading;
  close(): void;
}

/** The connection to a server of this machine. */
export interface ServerLink {
  readonly state: 'connecting' | 'live' | 'away';
  /** The API that it speaks, in words; absent until it has answered. */
  readonly api?: 'the API of opencode 1' | 'the released API' | 'the API of a build before the release';
  /** From its answer, or from the note of the service; absent if unknown. */
  readonly version?: DisplayText;
  /** When it last sent anything (epoch ms); absent if never. */
  readonly heardAtMs?: number;
  /** Of `away`: the reason. */
  readonly why?: DisplayText;
}

/** opencode's own reports of its sessions, at one instant. */
export interface ReportReading {
  readonly evidence: readonly Evidence[];
  /** By session id, including subagents. */
  readonly statuses: ReadonlyMap<string, ReportedStatus>;
  /**
   * By pid: when a server of opencode 2 listed its sessions at work (epoch ms). The sessions of its database without a status
   * were at rest then.
   */
  readonly listedAtMs?: ReadonlyMap<number, number>;
  /** By pid: the connections to the servers of this machine, also those without an answer; absent in the demo. */
  readonly links?: ReadonlyMap<number, ServerLink>;
  /** By pid: what the row of a process says, because it concerns that process alone. */
  readonly notes?: ReadonlyMap<number, DisplayText>;
  readonly troubles: readonly Trouble[];
}

/** Merges several readings; for each session the newest status wins. */
export function mergeReports(readings: readonly ReportReading[]): ReportReading {
  return {
    evidence: readings.flatMap(({ evidence }) => evidence),
    statuses: newestStatuses(readings.flatMap(({ statuses }) => [...statuses.values()])),
    listedAtMs: new Map(readings.flatMap(({ listedAtMs }) => [...(listedAtMs ?? [])])),
    ...(readings.some(({ links }) => links !== undefined) && {
      links: new Map(readings.flatMap(({ links }) => [...(links ?? [])])),
    }),
    notes: new Map(readings.flatMap(({ notes }) => [...(notes ?? [])])),
    troubles: readings.flatMap(({ troubles }) => troubles),
  };
}

/** A source of opencode's own reports: otop's plugin, or the HTTP API of a local server. */
export interface ReportSource {
  /** The current reports; synchronous, within milliseconds. Slow work runs in the background and calls the listener. */
  refresh(processes: readonly OpencodeProcess[], nowMs: number): ReportReading;
  /** Registers a callback for new results of `refresh`. */
  listen(onChange: () => void): void;
  /**
   * Resolves when every known process or server has reported, or after a timeout of a few seconds; undefined if none
   * is known.
   */
  settled?(): Promise<void> | undefined;
  close(): void;
}

/** The reading of another machine or a named server, with finished rows. */
export interface HostReading {
  readonly host: HostStatus;
  /** Their keys are unique across all hosts. */
  readonly rows: readonly Row[];
  readonly troubles: readonly Trouble[];
}

/** Other machines and named servers. */
export interface HostSource {
  /** The last reading of each host; synchronous, since connections run in the background and call the listener. */
  refresh(nowMs: number): readonly HostReading[];
  /** Registers a callback for new results of `refresh`. */
  listen(onChange: () => void): void;
  /** See `ReportSource.settled`. */
  settled?(): Promise<void> | undefined;
  close(): void;
}

/** All readings at one instant; a missing source is absent, not empty. */
export interface Readings {
  readonly nowMs: number;
  readonly sessions?: SessionReading;
  readonly processes?: ProcessReading;
  readonly log?: LogReading;
  readonly reports?: ReportReading;
  /** Other machines and named servers; their rows follow the local ones. */
  readonly hosts?: readonly HostReading[];
}
