import {
  closeSync,
  constants,
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

/** Nothing that is read as a whole is larger, but by mistake. */
const usualMostBytes = 4 * 2 ** 20;

/**
 * The text of a small file that is found where it is. Never waits: opening a pipe that took a file's name would, for as
 * long as nobody writes into it. Throws what the file system says, or an error whose code is `no plain file` or `too large`;
 * the null device is an empty file.
 */
export function readPlainFile(path: string, mostBytes = usualMostBytes): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readPlainDescriptor(descriptor, path, mostBytes);
  } finally {
    closeSync(descriptor);
  }
}

/** The same of a file that was opened, with `O_NONBLOCK`, to ask something about it first. */
export function readPlainDescriptor(descriptor: number, path: string, mostBytes = usualMostBytes): string {
  const stats = fstatSync(descriptor);
  if (isNull(stats)) return '';
  if (!stats.isFile()) throw new Refusal(path, 'no plain file');
  if (stats.size > mostBytes) throw new Refusal(path, 'too large');
  return readFileSync(descriptor, 'utf8');
}

/** Reads up to `length` bytes at `position` into the start of `target`, and gives how many: fewer only at the file's end. */
export function readInto(descriptor: number, target: Uint8Array, position: number, length: number): number {
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, target, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** What is linked to `/dev/null` is meant to be empty. */
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

/** A path with its symbolic links followed; the path itself where they lead to nothing. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** What the system calls a failure, as `ENOENT`; undefined for errors that are none of its own. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** The names in a folder; none where it is not there, or not ours to list. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Tells by one system call whether a file is still the one that was read: its number, size and time, which change with each
 * renaming into its place and each write. Undefined where there is no file, or it is not ours to see.
 */
export function fileFingerprint(path: string): string | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status && `${status.ino} ${status.size} ${status.mtimeMs}`;
  } catch {
    return undefined;
  }
}

/** A path as people write it: below their home with a tilde. */
export function shortPath(path: string, homeDir: string): string {
  const inHome = homeDir !== '' && homeDir !== '/' && path.startsWith(`${homeDir}/`);
  return inHome ? `~${path.slice(homeDir.length)}` : path;
}
