import { basename } from 'node:path';
import type { LogDescriptor } from '../../domain/process/process.ts';

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
