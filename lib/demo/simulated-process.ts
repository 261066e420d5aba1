import type { ProcessKind } from '../domain/process/process.ts';
import type { FleetEvent, LogWriter } from './fleet-event.ts';

/** Initial fields of a simulated process. */
export interface ProcessStart {
  readonly kind: ProcessKind;
  readonly pid: number;
  /** The `run=` field of its log lines: 8 hex digits. */
  readonly run: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly startedAtMs: number;
  /** `pts/4`; absent without a terminal. */
  readonly tty?: string;
  /** `work:2.1`; absent outside tmux. */
  readonly tmuxTarget?: string;
  /** Its terminal has closed, and init is its parent. */
  readonly orphan?: boolean;
  /** Its configuration starts a local MCP server. */
  readonly mcp?: boolean;
}

type LogValue = string | number | undefined;

/** One simulated opencode process: its entry in the process table, its terminal title and its log lines. */
export class SimulatedProcess implements LogWriter {
  readonly start: ProcessStart;
  logPositionBytes?: number;
  /** Number of running turns. */
  busyTurns = 0;
  /** Number of finished steps; memory grows with it. */
  stepsTaken = 0;
  /** The shell command that its bash tool is running. */
  shell?: { readonly command: string; readonly startedAtMs: number };
  /** Title of the session in its TUI; absent on the home screen. */
  shownTitle?: string;
  readonly #emit: (event: FleetEvent) => void;

  constructor(start: ProcessStart, emit: (event: FleetEvent) => void) {
    this.start = start;
    this.#emit = emit;
  }

  /** Appends a line to the shared log in the format of opencode 1.17 and newer: logfmt, with `run=` instead of a pid. */
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
