import type { ProcessKind } from '../domain/process/process.ts';
import type { FleetEvent, LogWriter } from './fleet-event.ts';

/** How a simulated process is started. */
export interface ProcessStart {
  readonly kind: ProcessKind;
  readonly pid: number;
  /** `run=` of its log lines: 8 hex digits. */
  readonly run: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly startedAtMs: number;
  /** `pts/4`; absent for one without a terminal. */
  readonly tty?: string;
  /** `work:2.1`; absent outside tmux. */
  readonly tmuxTarget?: string;
  /** Its terminal went away and left it to init. */
  readonly orphan?: boolean;
  /** Its configuration starts a local MCP server. */
  readonly mcp?: boolean;
}

type LogValue = string | number | undefined;

/** One simulated opencode process: what its process table entry, its terminal's title and its log lines say. */
export class SimulatedProcess implements LogWriter {
  readonly start: ProcessStart;
  logPositionBytes?: number;
  /** Turns under way. */
  busyTurns = 0;
  /** Steps taken so far: its memory grows with them. */
  stepsTaken = 0;
  /** The shell command that its bash tool runs now. */
  shell?: { readonly command: string; readonly startedAtMs: number };
  /** Title of the session that its TUI shows; absent on the home screen. */
  shownTitle?: string;
  readonly #emit: (event: FleetEvent) => void;

  constructor(start: ProcessStart, emit: (event: FleetEvent) => void) {
    this.start = start;
    this.#emit = emit;
  }

  /** Appends a line to the shared log, as opencode 1.17 and newer do: logfmt, no pid, `run=` instead. */
  log(atMs: number, message: string, fields: Readonly<Record<string, LogValue>> = {}, level = 'INFO'): void {
    const words = [
      `timestamp=${new Date(atMs).toISOString()}`,
      `level=${level}`,
      `run=${this.start.run}`,
      `message=${quoted(message)}`,
      ...Object.entries(fields).map(([key, value]) => `${key}=${quoted(value)}`),
    ];
    this.#emit({ kind: 'log', process: this, line: `${words.join(' ')}\n`, atMs });
  }
}

function quoted(value: LogValue): string {
  const text = String(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
