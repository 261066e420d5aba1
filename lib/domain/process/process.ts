import type { DisplayText } from '../../text/sanitize.ts';

/** The kinds of opencode processes, by their arguments. */
export const processKinds = ['tui', 'run', 'serve', 'web', 'acp', 'attach'] as const;

export type ProcessKind = (typeof processKinds)[number];

/** An open descriptor of one of opencode's logs. */
export interface LogDescriptor {
  /** The path to read from: the log's path, or `/proc/PID/fd/N` if the file was deleted. */
  readonly readPath: string;
  readonly path: string;
  readonly deleted: boolean;
  /** Offset after the last line that this process wrote (`/proc/PID/fdinfo/N` `pos:`, O_APPEND); Linux only. */
  readonly positionBytes?: number;
}

/** A running child process of opencode: a shell command of the bash tool, an MCP server, … */
export interface ChildProcess {
  readonly pid: number;
  readonly startedAtMs?: number;
  readonly command: DisplayText;
}

/** The tmux pane of a process's terminal. */
export interface TmuxPane {
  /** The socket of its tmux server (`tmux -S`); empty on another machine. */
  readonly socketPath: string;
  /** `%12`: unique on its server. */
  readonly paneId: string;
  /** `session:window.pane`, for display. */
  readonly target: DisplayText;
  readonly windowName: DisplayText;
  /** `#{pane_title}`: the TUI writes `OC | <session title>` there. */
  readonly title: DisplayText;
  /** When the title was read; absent means just now. An older title says nothing about a later prompt. */
  readonly titleAtMs?: number;
  /** True if a tmux client shows this pane now. */
  readonly active: boolean;
}

/** One running opencode process. A field that could not be read is absent; `missing` says why. */
export interface OpencodeProcess {
  readonly pid: number;
  readonly parentPid?: number;
  readonly kind: ProcessKind;
  /** The raw arguments after the program; sanitise them before they are shown. */
  readonly args: readonly string[];
  readonly startedAtMs?: number;
  /** The bytes of the path, to compare with a session's directory; use `cwdText` for display. */
  readonly cwd?: string;
  readonly cwdText?: DisplayText;
  /** `pts/3`, `ttys004`; absent without a terminal. */
  readonly tty?: DisplayText;
  /** True if a hangup removed its terminal, or if it is a TUI without a terminal that init has adopted. */
  readonly orphan: boolean;
  /** The opencode process whose shell tool started it. */
  readonly startedByPid?: number;
  readonly cpuPercent?: number;
  readonly rssBytes?: number;
  /** Absolute paths of its open databases. */
  readonly databases: readonly string[];
  readonly logs: readonly LogDescriptor[];
  /** Its listening TCP ports. */
  readonly ports: readonly number[];
  readonly children: readonly ChildProcess[];
  readonly pane?: TmuxPane;
  readonly missing: readonly DisplayText[];
  /** The version that a server answers, or its note names; absent if unknown. */
  readonly version?: DisplayText;
}

/** True for a process that hosts any number of sessions for its clients. */
export function isServer({ kind }: Pick<OpencodeProcess, 'kind'>): boolean {
  return kind === 'serve' || kind === 'web' || kind === 'acp';
}

/**
 * Measured over two seconds (opencode.md, "CPU and memory"): 1.2 (1.14.41) to 4.2 (1.18.33) percent of a core when idle,
 * 9 to 11 while the user types `/new`. A switch with two keys takes 4.5 to 7.5, so it can look idle.
 */
const minBusyCpuPercent = 6;

/** True if the CPU use since the last poll shows that the process does something. */
export function isBusy({ cpuPercent = 0 }: OpencodeProcess): boolean {
  return cpuPercent >= minBusyCpuPercent;
}
