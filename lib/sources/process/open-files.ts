import { basename } from 'node:path';
import type { LogDescriptor } from '../../domain/process/process.ts';
import { fileFingerprint } from '../../system/files.ts';

/** One open descriptor: its number and what it points to, as the system prints it. */
export interface Descriptor {
  readonly fd: number;
  readonly target: string;
}

/** A descriptor on a log of opencode. */
interface OpenLog {
  readonly fd: number;
  readonly path: string;
  readonly deleted: boolean;
}

/** What a process's descriptors tell, sorted out. */
export interface OpenFiles {
  readonly databases: readonly string[];
  readonly logs: readonly OpenLog[];
  /** Inodes of `socket:[N]` links; Linux only. */
  readonly socketInodes: readonly number[];
  /** Name under `/dev` of the terminal on descriptor 0, 1 or 2. */
  readonly tty?: string;
  /** One of them was a terminal that no longer exists. */
  readonly terminalGone: boolean;
}

const deletedMark = ' (deleted)';
const terminalPath = /^\/dev\/(pts\/\d+|tty[a-zA-Z]*\d+)$/;
/** `$XDG_DATA_HOME/opencode/log/`: one file for each process up to 1.15, one for all since 1.17. */
const logPath = /\/opencode[^/]*\/log\/[^/]+\.log$/;

function withoutMark(target: string): { readonly path: string; readonly deleted: boolean } {
  const deleted = target.endsWith(deletedMark);
  return { path: deleted ? target.slice(0, -deletedMark.length) : target, deleted };
}

/** `opencode.db`, `opencode-dev.db`, …; where `OPENCODE_DB` names another file, the one with its `-wal` open beside it. */
function databasesOf(paths: ReadonlySet<string>): readonly string[] {
  const named = [...paths].filter((path) => /^opencode[^/]*\.db$/.test(basename(path)));
  return named.length > 0 ? named : [...paths].filter((path) => paths.has(`${path}-wal`));
}

/** Sorts descriptors into databases, logs, sockets and the terminal; a deleted database has no path any more and is left out. */
export function sortOpenFiles(descriptors: readonly Descriptor[]): OpenFiles {
  const links = descriptors.map(({ fd, target }) => ({ fd, target, ...withoutMark(target) }));
  const standard = links.filter(({ fd, path }) => fd <= 2 && terminalPath.test(path));
  const tty = standard.find(({ deleted }) => !deleted)?.path.slice('/dev/'.length);
  const present = new Set(links.filter(({ deleted }) => !deleted).map(({ path }) => path));
  return {
    databases: databasesOf(present),
    logs: links
      .filter(({ path }) => logPath.test(path))
      .map(({ fd, path, deleted }) => ({ fd, path, deleted })),
    socketInodes: links.flatMap(({ target }) => {
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      return inode === undefined ? [] : [Number(inode)];
    }),
    ...(tty === undefined ? {} : { tty }),
    terminalGone: tty === undefined && standard.some(({ deleted }) => deleted),
  };
}

/** One entry for a file: a TUI has the shared log open twice, and only the descriptor it writes with has moved. */
export function furthestOfEach(logs: readonly LogDescriptor[]): readonly LogDescriptor[] {
  const byFile = new Map<string, LogDescriptor>();
  for (const log of logs) {
    const before = byFile.get(log.readPath);
    if (!before || (log.positionBytes ?? 0) > (before.positionBytes ?? 0)) byFile.set(log.readPath, log);
  }
  return [...byFile.values()];
}

interface Known {
  readonly writtenAs: string;
  readonly positionBytes: number | undefined;
}

/**
 * Where each process stands in its log. A position moves only when the log is written: one `stat` for a log that fifty
 * processes share tells for all of them that none has to be asked.
 */
export class LogPositions {
  readonly #ask: (pid: number, fd: number) => number | undefined;
  readonly #known = new Map<string, Known>();
  #writtenAs = new Map<string, string | undefined>();

  /** `ask` reads a descriptor's position in bytes. */
  constructor(ask: (pid: number, fd: number) => number | undefined) {
    this.#ask = ask;
  }

  /** From here on every log is looked at anew, once; the descriptors of other processes than these are forgotten. */
  begin(pids: ReadonlySet<number>): void {
    this.#writtenAs = new Map();
    for (const key of this.#known.keys()) if (!pids.has(Number.parseInt(key, 10))) this.#known.delete(key);
  }

  /** Bytes; undefined where the descriptor cannot be read, or is no more. `readPath` is the log, by whatever way it can be read. */
  of(pid: number, fd: number, readPath: string): number | undefined {
    const key = `${pid} ${fd} ${readPath}`;
    // Taken before the position is: what is written in between is seen at the next look.
    const writtenAs = this.#lookAt(readPath);
    const known = this.#known.get(key);
    if (known !== undefined && known.writtenAs === writtenAs) return known.positionBytes;
    const positionBytes = this.#ask(pid, fd);
    if (writtenAs === undefined || positionBytes === undefined) this.#known.delete(key);
    else this.#known.set(key, { writtenAs, positionBytes });
    return positionBytes;
  }

  /** Undefined in a container's file system, or where it is not ours to see: its descriptors are asked each time. */
  #lookAt(path: string): string | undefined {
    if (!this.#writtenAs.has(path)) this.#writtenAs.set(path, fileFingerprint(path));
    return this.#writtenAs.get(path);
  }
}
