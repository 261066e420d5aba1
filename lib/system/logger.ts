import { closeSync, constants, fchmodSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { sanitize } from '../text/sanitize.ts';

/** How much is written: each level includes those before it. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;

export type LogLevel = (typeof logLevels)[number];

/** What is known of an event, beside its name; numbers carry their unit in the key. */
type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** otop's own log: what it did and what went wrong, never what a session says. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: Fields): void;
}

/** Beyond this the file becomes `FILE.1`, in the place of the one before it. */
const mostBytes = 4 * 2 ** 20;

/** Where a log is written, and how much of it. */
export interface LogFile {
  readonly path: string;
  readonly level: LogLevel;
  readonly nowMs: () => number;
  /** For specs; 4 MiB unless told. */
  readonly mostBytes?: number;
}

/**
 * Opens a log in the form of opencode's own (logfmt), for the owner only, and appends to it. Throws what the file system
 * says where the file cannot be opened or is none; later troubles, as of a full disk, cost lines, which are counted.
 */
export function openLogger(file: LogFile): Logger {
  let descriptor = openForAppend(file.path);
  let bytes = fstatSync(descriptor).size;
  let lost = 0;
  let torn = false;

  const turnOver = () => {
    renameSync(file.path, `${file.path}.1`);
    const next = openForAppend(file.path);
    closeSync(descriptor);
    descriptor = next;
    bytes = 0;
  };
  const write = (line: string) => {
    const text = Buffer.from(`${torn ? '\n' : ''}${line}\n`);
    if (bytes > 0 && bytes + text.length > (file.mostBytes ?? mostBytes)) turnOver();
    const written = writeSync(descriptor, text);
    bytes += written;
    torn = written < text.length;
    if (torn) throw new Error('the disk is full');
  };

  return {
    log(level, message, fields = {}) {
      if (logLevels.indexOf(level) > logLevels.indexOf(file.level)) return;
      const known = lost > 0 ? { ...fields, lines_lost: lost } : fields;
      try {
        write(logLine(file.nowMs(), level, message, known));
        lost = 0;
      } catch {
        // A full disk, or a folder that is gone: whoever reads on learns how many lines are missing.
        lost += 1;
      }
    },
  };
}

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
/** As `a`, but never waiting for a pipe's reader. */
const appendFlags = O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK;

function openForAppend(path: string): number {
  const descriptor = openSync(path, appendFlags, 0o600);
  if (!fstatSync(descriptor).isFile()) {
    closeSync(descriptor);
    throw new Error('it is no regular file');
  }
  fchmodSync(descriptor, 0o600);
  return descriptor;
}

/** `timestamp=2026-11-22T14:14:08.328Z level=INFO message="look was slow" ms=120` */
function logLine(atMs: number, level: LogLevel, message: string, fields: Fields): string {
  const known = Object.entries({ message, ...fields }).filter(([, value]) => value !== undefined);
  const words = known.map(([key, value]) => `${key}=${quoted(String(value))}`);
  return [`timestamp=${new Date(atMs).toISOString()}`, `level=${level.toUpperCase()}`, ...words].join(' ');
}

function quoted(value: string): string {
  const text = sanitize(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
