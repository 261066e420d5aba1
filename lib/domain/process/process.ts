import type { DisplayText } from '../../text/sanitize.ts';

/** What an opencode process is for, from its arguments. */
export const processKinds = ['tui', 'run', 'serve', 'web', 'acp', 'attach'] as const;

export type ProcessKind = (typeof processKinds)[number];

/** An open descriptor on one of opencode's logs. */
export interface LogDescriptor {
  /** Where to read it: the log's path, or `/proc/PID/fd/N` where the file was deleted. */
  readonly readPath: string;
  readonly path: string;
  readonly deleted: boolean;
  /** Offset just after the last line this process wrote (`/proc/PID/fdinfo/N` `pos:`, O_APPEND); Linux only. */
  readonly positionBytes?: number;
}

/** A running child of an opencode process: a shell command of the bash tool, an MCP server, … */
export interface ChildProcess {
  readonly pid: number;
  readonly startedAtMs?: number;
  readonly command: DisplayText;
}

/** The tmux pane whose terminal a process runs on. */
export interface TmuxPane {
  /** `-S` argument that reaches its server; empty on another machine. */
  readonly socketPath: string;
  /** `%12`: unique on its server. */
  readonly paneId: string;
  /** `session:window.pane`, for people. */
  readonly target: DisplayText;
  readonly windowName: DisplayText;
  /** `#{pane_title}`: the TUI writes `OC | <session title>` there. */
  readonly title: DisplayText;
  /** When the title was read; absent means just now. A title older than a prompt says nothing of what followed. */
  readonly titleAtMs?: number;
  /** True where a client shows this pane now. */
  readonly active: boolean;
}

/** One running opencode process. Absent fields could not be had; `missing` says why, in words. */
export interface OpencodeProcess {
  readonly pid: number;
  readonly parentPid?: number;
  readonly kind: ProcessKind;
  /** The arguments after the program, as given; never shown unsanitised. */
  readonly args: readonly string[];
  readonly startedAtMs?: number;
  /** The bytes of the path, to compare with a session's directory; `cwdText` is for display. */
  readonly cwd?: string;
  readonly cwdText?: DisplayText;
  /** `pts/3`, `ttys004`; absent where it has none. */
  readonly tty?: DisplayText;
  /** Its terminal is gone and its parent is init. */
  readonly orphan: boolean;
  /** The opencode process it was started from, by its shell tool. */
  readonly startedByPid?: number;
  readonly cpuPercent?: number;
  readonly rssBytes?: number;
  /** Databases it holds open, absolute. */
  readonly databases: readonly string[];
  readonly logs: readonly LogDescriptor[];
  /** TCP ports it listens on, on this machine. */
  readonly ports: readonly number[];
  readonly children: readonly ChildProcess[];
  readonly pane?: TmuxPane;
  readonly missing: readonly DisplayText[];
}

/** True for a process that hosts sessions for others, any number of them. */
export function isServer({ kind }: Pick<OpencodeProcess, 'kind'>): boolean {
  return kind === 'serve' || kind === 'web' || kind === 'acp';
}

/**
 * Measured over two seconds (opencode.md, "CPU and memory"): 1.2 (1.14.41) to 4.2 percent of a core at rest (1.18.33), 9 to 11 while `/new` is typed; a
 * switch by two keys alone takes 4.5 to 7.5 and may pass for rest.
 */
const restPercent = 6;

/** Whether something goes on in a process, by the processor's time that it took since the last look. */
export function isBusy({ cpuPercent = 0 }: OpencodeProcess): boolean {
  return cpuPercent >= restPercent;
}
