import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { devNull } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { Environment } from './surroundings.ts';

/** Larger than any file that otop reads whole, unless by mistake. */
const defaultMaxBytes = 4 * 2 ** 20;

/**
 * Returns the text of a small file; the null device counts as an empty file. Never blocks, unlike a plain open of a
 * pipe in the file's place. Throws the file system's error, or an error with the code `no plain file` or `too large`.
 */
export function readPlainFile(path: string, maxBytes = defaultMaxBytes): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readPlainDescriptor(descriptor, path, maxBytes);
  } finally {
    closeSync(descriptor);
  }
}

/** The same for an open file; the caller must have opened it with `O_NONBLOCK`. */
export function readPlainDescriptor(descriptor: number, path: string, maxBytes = defaultMaxBytes): string {
  const stats = fstatSync(descriptor);
  if (isNull(stats)) return '';
  if (!stats.isFile()) throw new Refusal(path, 'no plain file');
  if (stats.size > maxBytes) throw new Refusal(path, 'too large');
  return readFileSync(descriptor, 'utf8');
}

/** Reads up to `length` bytes at `position` into the start of `target`. Returns the count, less only at the file's end. */
export function readInto(descriptor: number, target: Uint8Array, position: number, length: number): number {
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, target, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** True for `/dev/null`: a file that links to it is meant to be empty. */
function isNull(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === statSync(devNull).rdev;
}

class Refusal extends Error {
  readonly code: string;

  constructor(path: string, code: string) {
    super(`${path}: ${code}`);
    this.code = code;
  }
}

/** Returns a path with its symbolic links followed; the path itself if they lead to no file. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Returns an error's `code`, for example `ENOENT`; undefined if it has none. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Returns the names in a folder; none if it does not exist or cannot be listed. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Returns a file's inode, size and time as text, by one system call. They change with each write and with each rename
 * into its place. Returns undefined if there is no file or its folder cannot be searched.
 */
export function fileFingerprint(path: string): string | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status && `${status.ino} ${status.size} ${status.mtimeMs}`;
  } catch {
    return undefined;
  }
}

/** Returns a path with a tilde for the home folder. */
export function shortPath(path: string, homeDir: string): string {
  const inHome = homeDir !== '' && homeDir !== '/' && path.startsWith(`${homeDir}/`);
  return inHome ? `~${path.slice(homeDir.length)}` : path;
}

/** True if the folder exists and files can be made in it; false for a file. */
export function isWritableFolder(path: string): boolean {
  try {
    accessSync(`${path}/.`, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    // It belongs to another user, its file system is read-only, or it is no folder.
    return false;
  }
}

/** True if the folder, or its nearest existing parent, is writable. */
export function isWritable(folder: string): boolean {
  if (!existsSync(folder) && dirname(folder) !== folder) return isWritable(dirname(folder));
  return isWritableFolder(folder);
}

/** True for a file that this user may execute. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // The file does not exist or is not executable. A shell would continue its search too.
    return false;
  }
}

/**
 * Returns the absolute path of a program on the PATH; undefined if there is none. Ignores relative folders in PATH.
 */
export function findOnPath(name: string, env: Environment): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}
