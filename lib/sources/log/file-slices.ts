import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { readInto } from '../../system/files.ts';

/** Bytes read at once: a slice; a line longer than this keeps only its head. */
export const sliceBytes = 256 * 1024;

const newline = 0x0a;

/** Whole lines of a file, with where each begins. */
export interface Slice {
  /** Where the first whole line begins and where the last one ends (after its newline). */
  readonly start: number;
  readonly end: number;
  readonly lines: readonly { readonly offset: number; readonly text: string }[];
}

/** One file, opened for as long as one look takes. */
export interface OpenFile {
  readonly fd: number;
  /** Device and inode: the same file whatever it is called. */
  readonly identity: string;
  readonly size: number;
}

/**
 * Opens a regular file for reading, calls `look` and closes it. Returns undefined where it cannot be opened: gone,
 * not readable, not a file. Never waits, even where a pipe has taken the file's name.
 */
export function withFile<T>(path: string, look: (file: OpenFile) => T): T | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    return look({ fd, identity: `${stat.dev}:${stat.ino}`, size: stat.size });
  } finally {
    closeSync(fd);
  }
}

/** Reads up to one slice that begins at a line's start, `from`. Empty where no line is finished yet. */
export function sliceFrom(file: OpenFile, from: number, to = file.size): Slice {
  const bytes = readBytes(file.fd, from, Math.min(to, from + sliceBytes));
  const lastNewline = bytes.lastIndexOf(newline);
  if (lastNewline >= 0)
    return { start: from, end: from + lastNewline + 1, lines: splitLines(bytes, 0, lastNewline + 1, from) };
  if (bytes.length < sliceBytes) return { start: from, end: from, lines: [] };
  // A line longer than a slice: its head is all that is wanted of it. It counts as read up to its newline.
  const end = afterNewline(file, from + bytes.length);
  return {
    start: from,
    end: end ?? from,
    lines: end === undefined ? [] : [{ offset: from, text: decode(bytes) }],
  };
}

/** Reads up to one slice that ends where a line ends, `to`, and begins at the first line's start after `floor`. */
export function sliceUpTo(file: OpenFile, to: number, floor: number): Slice {
  const from = Math.max(floor, to - sliceBytes);
  const bytes = readBytes(file.fd, from, to);
  // `floor` is a line's start itself; any other place may be inside of a line.
  const cut = from === floor ? -1 : bytes.indexOf(newline);
  const isInsideOfLine = from !== floor && (cut === -1 || cut === bytes.length - 1);
  if (isInsideOfLine) return { start: from, end: to, lines: [] };
  return { start: from + cut + 1, end: to, lines: splitLines(bytes, cut + 1, bytes.length, from) };
}

/** The text of the line that ends at `end` (its newline included), of at most one slice. */
export function lineEndingAt(file: OpenFile, end: number): string | undefined {
  if (end <= 0 || end > file.size) return undefined;
  const bytes = readBytes(file.fd, Math.max(0, end - sliceBytes), end);
  const last = bytes.length > 0 && bytes[bytes.length - 1] === newline ? bytes.length - 1 : bytes.length;
  return decode(bytes.subarray(last === 0 ? 0 : bytes.lastIndexOf(newline, last - 1) + 1, last));
}

/** Where the line after `offset` begins; undefined where no newline follows yet. */
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
  // One byte a character: finding the lines in this text is ten times quicker than in the bytes.
  const text = bytes.toString('latin1', from, to);
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    // No piece of `text`: an id that is kept would keep the whole slice with it.
    const isPlain = !/[\x80-\xff]/.test(text.slice(start, end));
    lines.push({
      offset: base + from + start,
      text: bytes.toString(isPlain ? 'latin1' : 'utf8', from + start, from + end),
    });
    start = end + 1;
  }
  return lines;
}

/** Bytes that are no UTF-8 become U+FFFD: the line stays readable around them. */
function decode(bytes: Buffer): string {
  return bytes.toString('utf8');
}

/** A stretch of a file that was read: whole lines from `start` up to `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** The time of its first line; absent where it has none. */
  readonly firstLineAtMs?: number;
}

/** Which stretches of a file were read, so that nothing is read twice. Stretches that touch are one. */
export class Coverage {
  #stretches: Stretch[] = [];

  /** The stretch that holds the byte before `offset`. */
  before(offset: number): Stretch | undefined {
    return this.#stretches.find((stretch) => stretch.start < offset && offset <= stretch.end);
  }

  /** Where the nearest stretch that ends at or before `offset` ends; 0 where there is none. */
  lastEndUpTo(offset: number): number {
    return Math.max(0, ...this.#stretches.filter(({ end }) => end <= offset).map(({ end }) => end));
  }

  /** Notes a stretch as read. */
  add(added: Stretch): void {
    if (added.end <= added.start) return;
    let merged = added;
    const apart: Stretch[] = [];
    for (const stretch of this.#stretches) {
      if (stretch.end < merged.start || merged.end < stretch.start) apart.push(stretch);
      else merged = union(stretch, merged);
    }
    this.#stretches = [...apart, merged];
  }

  clear(): void {
    this.#stretches = [];
  }
}

function union(one: Stretch, other: Stretch): Stretch {
  const [lower, upper] = one.start <= other.start ? [one, other] : [other, one];
  const firstLineAtMs = lower.firstLineAtMs ?? upper.firstLineAtMs;
  return {
    start: lower.start,
    end: Math.max(one.end, other.end),
    ...(firstLineAtMs === undefined ? {} : { firstLineAtMs }),
  };
}
