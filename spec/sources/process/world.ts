import type { ProcessSource } from '../../../lib/domain/board/readings.ts';

/** A file that an invented process holds open. */
interface InventedFile {
  readonly fd: number;
  readonly path: string;
  readonly positionBytes?: number;
}

/** An invented process, in terms that Linux and macOS share. */
export interface Invented {
  readonly pid: number;
  readonly parentPid?: number;
  readonly argv: readonly string[];
  readonly executable: string;
  /** The kernel's short name, where it is not the executable's. */
  readonly name?: string;
  readonly startedAtMs?: number;
  readonly cwd?: string;
  /** A name under `/dev`. */
  readonly tty?: string;
  readonly files?: readonly InventedFile[];
  readonly listensOn?: number;
  readonly cpuMs?: number;
  readonly rssBytes?: number;
  /** Only Linux shows it. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** When every invented world is looked at first. */
export const startMs = Date.UTC(2026, 10, 22, 14, 0, 0);

/** A machine with invented processes, behind one of the two implementations. */
export interface World {
  readonly source: ProcessSource;
  readonly nowMs: number;
  /** Starts a process, or shows a running one changed. */
  put(process: Invented): void;
  end(pid: number): void;
  /** Lets both clocks run. */
  pass(ms: number): void;
  close(): void;
}
