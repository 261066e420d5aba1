import type { ProcessSource } from '../../../lib/domain/board/readings.ts';

/** A file that an invented process holds open. */
interface InventedFile {
  readonly fd: number;
  readonly path: string;
  readonly positionBytes?: number;
}

/** An invented process, for Linux and for macOS. */
export interface Invented {
  readonly pid: number;
  readonly parentPid?: number;
  readonly argv: readonly string[];
  readonly executable: string;
  /** The short name in the kernel, if it differs from that of the executable. */
  readonly name?: string;
  readonly startedAtMs?: number;
  readonly cwd?: string;
  /** The name of its terminal under `/dev`. */
  readonly tty?: string;
  readonly files?: readonly InventedFile[];
  readonly listensOn?: number;
  readonly cpuMs?: number;
  readonly rssBytes?: number;
  /** Linux only. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The wall clock at the start of every invented world. */
export const startMs = Date.UTC(2026, 10, 22, 14, 0, 0);

/** A machine with invented processes, read by one of the two implementations. */
export interface World {
  readonly source: ProcessSource;
  readonly nowMs: number;
  /** Starts a process, or changes a running one. */
  put(process: Invented): void;
  end(pid: number): void;
  /** Advances both clocks. */
  pass(ms: number): void;
  close(): void;
}
