import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { readInto } from '../../system/files.ts';

/** The size of a slice, the bytes read at once. Of a longer line only the first slice is kept. */
export const sliceBytes = 256 * 1024;

const newline = 0x0a;

/** Whole lines of a file, each with its offset. */
export interface Slice {
  /** Offsets in bytes: the first whole line begins at `start`, the last one ends (with its newline) at `end`. */
  readonly start: number;
  readonly end: number;
  readonly lines: readonly { readonly offset: number; readonly text: string }[];
}

/** A file that is open during one poll. */
export interface OpenFile {
  readonly fd: number;
  /** Device and inode, which stay the same if the file is renamed. */
  readonly identity: string;
  readonly size: number;
}

/**
 * Opens a regular file, calls `read` with it and closes it. Returns undefined if the file is missing, is not readable or
 * is not a regular file. Never blocks, even if the path is a pipe.
 */
export function withFile<T>(path: string, read: (file: OpenFile) => T): T | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    return read({ fd, identity: `${stat.dev}:${stat.ino}`, size: stat.size });
  } finally {
    closeSync(fd);
  }
}

/** Reads at most one slice from `from`, the start of a line, up to `to`. The slice is empty if no line is complete yet. */
export function sliceFrom(file: OpenFile, from: number, to = file.size): Slice {
  const bytes = readBytes(file.fd, from, Math.min(to, from + sliceBytes));
  const lastNewline = bytes.lastIndexOf(newline);
  if (lastNewline >= 0)
    return { start: from, end: from + lastNewline + 1, lines: splitLines(bytes, 0, lastNewline + 1, from) };
  if (bytes.length < sliceBytes) return { start: from, end: from, lines: [] };
  // The line is longer than a slice. Only its first bytes are kept, and it counts as read up to its newline.
  const end = afterNewline(file, from + bytes.length);
  return {
    start: from,
    end: end ?? from,
    lines: end === undefined ? [] : [{ offset: from, text: decode(bytes) }],
  };
}

/** Reads at most one slice up to `to`, the end of a line. It begins at `floor` or at the first start of a line after it. */
export function sliceUpTo(file: OpenFile, to: number, floor: number): Slice {
  const from = Math.max(floor, to - sliceBytes);
  const bytes = readBytes(file.fd, from, to);
  // `floor` is the start of a line; any other offset may be inside a line.
  const cut = from === floor ? -1 : bytes.indexOf(newline);
  const isInsideLine = from !== floor && (cut === -1 || cut === bytes.length - 1);
  if (isInsideLine) return { start: from, end: to, lines: [] };
  return { start: from + cut + 1, end: to, lines: splitLines(bytes, cut + 1, bytes.length, from) };
}

/** The line that ends at `end`, with its newline; at most one slice. Undefined if `end` is outside the file. */
export function lineEndingAt(file: OpenFile, end: number): string | undefined {
  if (end <= 0 || end > file.size) return undefined;
  const bytes = readBytes(file.fd, Math.max(0, end - sliceBytes), end);
  const last = bytes.length > 0 && bytes[bytes.length - 1] === newline ? bytes.length - 1 : bytes.length;
  return decode(bytes.subarray(last === 0 ? 0 : bytes.lastIndexOf(newline, last - 1) + 1, last));
}

/** The offset of the first line after `offset`; undefined if no newline follows yet. */
export function afterNewline(file: OpenFile, offset: number): number | undefined {
  for (let at = offset; at < file.size; at += sliceBytes) {
    const found = readBytes(file.fd, at, Math.min(file.size, at + sliceBytes)).indexOf(newline);
    if (found >= 0) return at + found + 1;
  }
  return undefined;
}

function readBytes(fd: number, from: number, to: number): Buffer {
  const buffer = Buffer.allocUnsafe(Math.max(0, to - from));
  return buffer.subarray(0, readInto(fd, buffer, from, buffer.length));
}

function splitLines(bytes: Buffer, from: number, to: number, base: number): Slice['lines'] {
  const lines: { offset: number; text: string }[] = [];
  // latin1 has one character for each byte, and searching this text is ten times faster than searching the bytes.
  const text = bytes.toString('latin1', from, to);
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    // Decoded again, since a substring of `text` would keep the whole slice in memory.
    const isAscii = !/[\x80-\xff]/.test(text.slice(start, end));
    lines.push({
      offset: base + from + start,
      text: bytes.toString(isAscii ? 'latin1' : 'utf8', from + start, from + end),
    });
    start = end + 1;
  }
  return lines;
}

/** Bytes that are not UTF-8 become U+FFFD, so the rest of the line stays readable. */
function decode(bytes: Buffer): string {
  return bytes.toString('utf8');
}

/** A range of a file that was read: whole lines from offset `start` up to `end`. */
export interface ReadRange {
  readonly start: number;
  readonly end: number;
  /** The time of the first line; absent if no line has a time. */
  readonly firstLineAtMs?: number;
}

/** Remembers the ranges of a file that were read, so that nothing is read twice. Adjacent ranges are merged. */
export class Coverage {
  #ranges: ReadRange[] = [];

  /** The range that contains the byte before `offset`; undefined if that byte was not read. */
  rangeBefore(offset: number): ReadRange | undefined {
    return this.#ranges.find((range) => range.start < offset && offset <= range.end);
  }

  /** The end of the nearest range that ends at or before `offset`; 0 if there is none. */
  lastEndUntil(offset: number): number {
    return Math.max(0, ...this.#ranges.filter(({ end }) => end <= offset).map(({ end }) => end));
  }

  /** Adds a range that was read; an empty range is ignored. */
  add(added: ReadRange): void {
    if (added.end <= added.start) return;
    let merged = added;
    const separate: ReadRange[] = [];
    for (const range of this.#ranges) {
      if (range.end < merged.start || merged.end < range.start) separate.push(range);
      else merged = union(range, merged);
    }
    this.#ranges = [...separate, merged];
  }

  /** Forgets all ranges. */
  clear(): void {
    this.#ranges = [];
  }
}

function union(one: ReadRange, other: ReadRange): ReadRange {
  const [lower, upper] = one.start <= other.start ? [one, other] : [other, one];
  const firstLineAtMs = lower.firstLineAtMs ?? upper.firstLineAtMs;
  return {
    start: lower.start,
    end: Math.max(one.end, other.end),
    ...(firstLineAtMs === undefined ? {} : { firstLineAtMs }),
  };
}
