import { closeSync, constants, fstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { errorCode, readInto } from '../../system/files.ts';
import { SnapshotError } from './problem.ts';

/** The result of a `stat`. Times are in nanoseconds, because two commits fit into a millisecond. */
export interface FileStamp {
  readonly device: bigint;
  readonly inode: bigint;
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
}

/** True if both are the same file on disk, or both are absent. */
function isSameFile(a: FileStamp | undefined, b: FileStamp | undefined): boolean {
  return a?.inode === b?.inode && a?.device === b?.device;
}

/**
 * One path of a database, opened read-only, and opened again when another file takes its place. The descriptor stays
 * open between reads. Meanwhile the kernel cannot reuse its inode number, so comparing inode numbers is exact.
 */
export class ReadOnlyFile {
  readonly path: string;
  #descriptor: number | undefined;
  #opened: FileStamp | undefined;
  #openCount = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** How many times a file was opened at this path. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Opens the file at the path if it is another one than before. Returns its stamp; undefined if there is no file. */
  reopen(): FileStamp | undefined {
    const now = this.stamp();
    if (now === undefined) this.close();
    else if (this.#descriptor === undefined || !isSameFile(now, this.#opened)) return this.#open();
    return now;
  }

  /** Returns the stamp of the file at the path without opening it; undefined if there is none. Throws SnapshotError. */
  stamp(): FileStamp | undefined {
    try {
      const stats = statSync(this.path, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? undefined : toStamp(stats);
    } catch (error) {
      throw refusal(this.path, error);
    }
  }

  /** True if the path leads to the open file, or to no file if none is open. Throws SnapshotError. */
  isInPlace(): boolean {
    return isSameFile(this.stamp(), this.#opened);
  }

  /** Returns the path with its symbolic links followed. Throws SnapshotError, `missing` if they lead to no file. */
  realPath(): string {
    try {
      return realpathSync(this.path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') throw new SnapshotError('missing', `there is no file ${this.path}`);
      throw refusal(this.path, error);
    }
  }

  /**
   * Reads up to `length` bytes at `position` into the start of `target`; fewer only at the end of the file.
   * Returns the count of bytes. Throws SnapshotError.
   */
  read(target: Uint8Array, position: number, length: number): number {
    if (this.#descriptor === undefined) return 0;
    try {
      return readInto(this.#descriptor, target, position, length);
    } catch (error) {
      throw refusal(this.path, error);
    }
  }

  /** Returns the size of the open file in bytes, even if its path leads to another file now; 0 if none is open. */
  sizeBytes(): number {
    return this.#descriptor === undefined ? 0 : fstatSync(this.#descriptor).size;
  }

  /** Closes the file. `reopen` opens it again. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#opened = undefined;
  }

  #open(): FileStamp | undefined {
    this.close();
    let descriptor: number;
    try {
      // Without O_NONBLOCK, opening a FIFO in a database's place would block otop until somebody writes to it.
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
    this.#openCount += 1;
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
