import { basename } from 'node:path';
import type { LogDescriptor } from '../../domain/process/process.ts';
import { fileFingerprint } from '../../system/files.ts';

/** One open descriptor: its number and its target, as the system prints it. */
export interface Descriptor {
  readonly fd: number;
  readonly target: string;
}

/** An open descriptor of a log of opencode. */
interface OpenLog {
  readonly fd: number;
  readonly path: string;
  readonly deleted: boolean;
}

/** The descriptors of a process by their use. */
export interface OpenFiles {
  readonly databases: readonly string[];
  readonly logs: readonly OpenLog[];
  /** The inodes of `socket:[N]` links; Linux only. */
  readonly socketInodes: readonly number[];
  /** The name under `/dev` of the terminal on descriptor 0, 1 or 2; absent if there is none. */
  readonly tty?: string;
  /** True if descriptor 0, 1 or 2 is a terminal that no longer exists, and none of them is an existing one. */
  readonly isTerminalGone: boolean;
}

const deletedSuffix = ' (deleted)';
const terminalPath = /^\/dev\/(pts\/\d+|tty[a-zA-Z]*\d+)$/;
/** Logs in `$XDG_DATA_HOME/opencode/log/`: one for each process up to 1.15, one for all from 1.17 on. */
const logPath = /\/opencode[^/]*\/log\/[^/]+\.log$/;

function withoutDeletedSuffix(target: string): { readonly path: string; readonly deleted: boolean } {
  const deleted = target.endsWith(deletedSuffix);
  return { path: deleted ? target.slice(0, -deletedSuffix.length) : target, deleted };
}

/** `opencode.db`, `opencode-dev.db`, …; without such names (`OPENCODE_DB`) each file whose `-wal` is open, too. */
function databasesOf(paths: ReadonlySet<string>): readonly string[] {
  const named = [...paths].filter((path) => /^opencode[^/]*\.db$/.test(basename(path)));
  return named.length > 0 ? named : [...paths].filter((path) => paths.has(`${path}-wal`));
}

/** Sorts descriptors into databases, logs, sockets and the terminal. Deleted databases are left out: they have no path. */
export function sortOpenFiles(descriptors: readonly Descriptor[]): OpenFiles {
  const links = descriptors.map(({ fd, target }) => ({ fd, target, ...withoutDeletedSuffix(target) }));
  const terminals = links.filter(({ fd, path }) => fd <= 2 && terminalPath.test(path));
  const tty = terminals.find(({ deleted }) => !deleted)?.path.slice('/dev/'.length);
  const existingPaths = new Set(links.filter(({ deleted }) => !deleted).map(({ path }) => path));
  return {
    databases: databasesOf(existingPaths),
    logs: links
      .filter(({ path }) => logPath.test(path))
      .map(({ fd, path, deleted }) => ({ fd, path, deleted })),
    socketInodes: links.flatMap(({ target }) => {
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      return inode === undefined ? [] : [Number(inode)];
    }),
    ...(tty === undefined ? {} : { tty }),
    isTerminalGone: tty === undefined && terminals.some(({ deleted }) => deleted),
  };
}

/** One descriptor for each log, the one with the highest position: a TUI has the shared log open twice but writes to one. */
export function furthestPerLog(logs: readonly LogDescriptor[]): readonly LogDescriptor[] {
  const byFile = new Map<string, LogDescriptor>();
  for (const log of logs) {
    const known = byFile.get(log.readPath);
    if (!known || (log.positionBytes ?? 0) > (known.positionBytes ?? 0)) byFile.set(log.readPath, log);
  }
  return [...byFile.values()];
}

interface CachedPosition {
  readonly logFingerprint: string;
  readonly positionBytes: number | undefined;
}

/**
 * The positions of descriptors in logs. A position moves only if the log is written, so for a log that fifty processes
 * share one `stat` can show that no position has to be read again.
 */
export class LogPositions {
  readonly #readPosition: (pid: number, fd: number) => number | undefined;
  readonly #known = new Map<string, CachedPosition>();
  #fingerprints = new Map<string, string | undefined>();

  /** `readPosition` reads the position of a descriptor in bytes. */
  constructor(readPosition: (pid: number, fd: number) => number | undefined) {
    this.#readPosition = readPosition;
  }

  /** Begins a sample, in which each log is checked once. Forgets the descriptors of all processes but these. */
  beginSample(pids: ReadonlySet<number>): void {
    this.#fingerprints = new Map();
    for (const key of this.#known.keys()) if (!pids.has(Number.parseInt(key, 10))) this.#known.delete(key);
  }

  /** The position in bytes; undefined if the descriptor cannot be read or is closed. `readPath` is a path to read the log. */
  of(pid: number, fd: number, readPath: string): number | undefined {
    const key = `${pid} ${fd} ${readPath}`;
    // The fingerprint is read before the position, so that a write in between is noticed at the next poll.
    const logFingerprint = this.#fingerprintOf(readPath);
    const known = this.#known.get(key);
    if (known !== undefined && known.logFingerprint === logFingerprint) return known.positionBytes;
    const positionBytes = this.#readPosition(pid, fd);
    if (logFingerprint === undefined || positionBytes === undefined) this.#known.delete(key);
    else this.#known.set(key, { logFingerprint, positionBytes });
    return positionBytes;
  }

  /** Undefined if the log is not visible (in a container, or denied); then its positions are read each time. */
  #fingerprintOf(path: string): string | undefined {
    if (!this.#fingerprints.has(path)) this.#fingerprints.set(path, fileFingerprint(path));
    return this.#fingerprints.get(path);
  }
}
