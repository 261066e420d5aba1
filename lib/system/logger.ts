import { closeSync, constants, fchmodSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { sanitize } from '../text/sanitize.ts';

/** The log levels; each one includes those before it. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;

export type LogLevel = (typeof logLevels)[number];

/** The fields of a log line. A number has its unit in the key. */
type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** otop's own log: its actions and failures, never the content of a session. */
export interface Logger {
  /** Writes a line, unless the level is above the log's. Never throws. */
  /** Writes a line, unless the level is above the log's. Never throws. */
  log(level: LogLevel, message: string, fields?: Fields): void;
}

/** A larger file is renamed to `FILE.1`, which replaces the previous one. */
const maxBytes = 4 * 2 ** 20;

/** The path and the level of a log. */
export interface LogFile {
  readonly path: string;
  readonly level: LogLevel;
  readonly nowMs: () => number;
  /** For specs; default 4 MiB. */
  readonly maxBytes?: number;
}

/**
 * Opens a log for appending, in the format of opencode's own (logfmt), readable by the owner only. Throws if the file
 * cannot be opened or is no regular file. Later failures, such as a full disk, lose lines, which are counted.
 */
export function openLogger(file: LogFile): Logger {
  let descriptor = openForAppend(file.path);
  let bytes = fstatSync(descriptor).size;
  let lostLines = 0;
  let isLinePartial = false;

  const rotate = () => {
    renameSync(file.path, `${file.path}.1`);
    const next = openForAppend(file.path);
    closeSync(descriptor);
    descriptor = next;
    bytes = 0;
  };
  const write = (line: string) => {
    const text = Buffer.from(`${isLinePartial ? '\n' : ''}${line}\n`);
    if (bytes > 0 && bytes + text.length > (file.maxBytes ?? maxBytes)) rotate();
    const written = writeSync(descriptor, text);
    bytes += written;
    isLinePartial = written < text.length;
    if (isLinePartial) throw new Error('the disk is full');
  };

  return {
    log(level, message, fields = {}) {
      if (logLevels.indexOf(level) > logLevels.indexOf(file.level)) return;
      const allFields = lostLines > 0 ? { ...fields, lines_lost: lostLines } : fields;
      try {
        write(logLine(file.nowMs(), level, message, allFields));
        lostLines = 0;
      } catch {
        // The disk is full or the folder is gone. The next line says how many lines are missing.
        lostLines += 1;
      }
    },
  };
}

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
/** Like `a`, but never waits for a pipe's reader. */
const appendFlags = O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK;

function openForAppend(path: string): number {
  const descriptor = openSync(path, appendFlags, 0o600);
  if (!fstatSync(descriptor).isFile()) {
    closeSync(descriptor);
    throw new Error('it is not a regular file');
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
