import { closeSync, constants, fstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { errorCode, readInto } from '../../system/files.ts';
import { SnapshotError } from './problem.ts';

/** What `stat` says of a file at one moment; nanoseconds, because two commits fit into a millisecond. */
export interface FileStamp {
  readonly device: bigint;
  readonly inode: bigint;
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
}

/** True where both are the same file on disk, or both are absent. */
function isSameFile(a: FileStamp | undefined, b: FileStamp | undefined): boolean {
  return a?.inode === b?.inode && a?.device === b?.device;
}

/**
 * One path of a database, opened read-only and followed when another file takes its place.
 * The descriptor stays open between reads: while it is, the kernel cannot give its inode's number to a new
 * file, so comparing inode numbers is exact.
 */
export class ReadOnlyFile {
  readonly path: string;
  #descriptor: number | undefined;
  #opened: FileStamp | undefined;
  #openings = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** How many times a file was opened: another number is another file, or the same one once more. */
  get openings(): number {
    return this.#openings;
  }

  /** The stamp of what is at the path now, opened if it is another file than before; undefined where nothing is. */
  look(): FileStamp | undefined {
    const now = this.stamp();
    if (now === undefined) this.close();
    else if (this.#descriptor === undefined || !isSameFile(now, this.#opened)) return this.#open();
    return now;
  }

  /** As `look`, but leaves open what is open: to see whether the path still leads to it. */
  stamp(): FileStamp | undefined {
    try {
      const stats = statSync(this.path, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? undefined : toStamp(stats);
    } catch (error) {
      throw refusal(this.path, error);
    }
  }

  /** True while the path leads to the file that is open, or to nothing where nothing was. */
  isInPlace(): boolean {
    return isSameFile(this.stamp(), this.#opened);
  }

  /** The path with its symbolic links followed. Throws SnapshotError `missing` where they lead to nothing. */
  realPath(): string {
    try {
      return realpathSync(this.path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') throw new SnapshotError('missing', `there is no file ${this.path}`);
      throw refusal(this.path, error);
    }
  }

  /** Reads up to `length` bytes at `position` into the start of `target`; fewer only at the end of the file. */
  read(target: Uint8Array, position: number, length: number): number {
    if (this.#descriptor === undefined) return 0;
    try {
      return readInto(this.#descriptor, target, position, length);
    } catch (error) {
      throw refusal(this.path, error);
    }
  }

  /** The size of the open file in bytes, whatever its path leads to by now; 0 where none is open. */
  sizeBytes(): number {
    return this.#descriptor === undefined ? 0 : fstatSync(this.#descriptor).size;
  }

  /** Lets the file go; reading or looking again opens it anew. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#opened = undefined;
  }

  #open(): FileStamp | undefined {
    this.close();
    let descriptor: number;
    try {
      // O_NONBLOCK: a FIFO put in a database's place would otherwise hold otop up until somebody writes to it.
      descriptor = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw refusal(this.path, error);
    }
    const stats = fstatSync(descriptor, { bigint: true });
    if (!stats.isFile()) {
      closeSync(descriptor);
      throw new SnapshotError('not-sqlite', `${this.path} is not a file`);
    }
    this.#descriptor = descriptor;
    this.#openings += 1;
    this.#opened = toStamp(stats);
    return this.#opened;
  }
}

function toStamp(stats: { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint }): FileStamp {
  return {
    device: stats.dev,
    inode: stats.ino,
    sizeBytes: Number(stats.size),
    modifiedNs: stats.mtimeNs,
  };
}

function refusal(path: string, error: unknown): SnapshotError {
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new SnapshotError('denied', `not allowed to read ${path} (${code})`);
  }
  return new SnapshotError('io', `cannot read ${path}: ${error instanceof Error ? error.message : error}`);
}
