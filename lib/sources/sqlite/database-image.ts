import { PageCache } from './page-cache.ts';
import { SnapshotError } from './problem.ts';
import type { ReadOnlyFile } from './read-only-file.ts';
import type { WalFrames } from './wal.ts';

/**
 * A database as one byte array that is never in memory: SQLite asks for pages, and each comes from the WAL
 * where a committed frame holds it, else from the main file.
 * https://sqlite.org/fileformat2.html section 1.3 "The Database Header" and 4.4 "Reader Algorithm".
 */

/** One committed layout: what every page number means while a snapshot is read. */
export interface SnapshotLayout {
  readonly pageSize: number;
  readonly pageCount: number;
  /** The committed frames; absent where the main file alone counts. */
  readonly frames?: WalFrames;
}

/** As much of a typed array as sql.js's file system asks of the object it is given. */
export interface ByteImage {
  readonly length: number;
  slice(): ByteImage;
  subarray(start: number, end: number): Uint8Array;
  /** Everything at once, for an engine that does not read by page. Throws SnapshotError past the limit. */
  copy(limitBytes: number): Uint8Array;
}

/** emscripten's file system turns an error of this name and number into EIO; others would skip SQLite's clean-up. */
const INPUT_OUTPUT_ERROR = { name: 'ErrnoError', errno: 29 };

/** As much is read at once where page follows page, as in the overflow pages of a long row: 16 pages take as long as 5. */
const READ_AHEAD_BYTES = 64 * 1024;

const DATABASE_HEADER_BYTES = 100;
const READ_FORMAT_OFFSET = 18;
const CHANGE_COUNTER_OFFSET = 24;
const PAGE_COUNT_OFFSET = 28;
const VERSION_VALID_FOR_OFFSET = 92;

export class DatabaseImage implements ByteImage {
  /**
   * More pages than any database has: sql.js asks once, databases grow. SQLite takes the real number from
   * the header as long as the file is not shorter than that.
   */
  readonly length: number;
  readonly pageSize: number;
  /** Why a page could not be had; sql.js only says "disk I/O error". */
  fault: SnapshotError | undefined;
  /** Pages that were neither in the WAL nor in the main file, and so were shown as zeros. */
  absentPages = 0;
  readonly #main: ReadOnlyFile;
  readonly #scratch: Uint8Array;
  readonly #cache: PageCache;
  /** The page of the main file that the last reading ended before, and how many it read. */
  #nextInMain = 0;
  #readAtOnce = 1;
  #ahead: Uint8Array | undefined;
  #frameCount = 0;
  #layout: SnapshotLayout;
  #epoch = 1;
  #deadlineMs = Number.POSITIVE_INFINITY;
  readonly #nowMs: () => number;

  constructor(main: ReadOnlyFile, layout: SnapshotLayout, nowMs: () => number) {
    this.#main = main;
    this.#layout = layout;
    this.#nowMs = nowMs;
    this.pageSize = layout.pageSize;
    this.length = layout.pageSize * (2 ** 31 - 2);
    this.#scratch = new Uint8Array(layout.pageSize);
    this.#cache = new PageCache(layout.pageSize);
  }

  /**
   * Shows another layout, in which only `changedPages` differ from the one before. A new `epoch` makes SQLite drop the
   * pages it holds: it is shown as the file change counter, which SQLite compares at the start of each read transaction
   * (section 1.3.10).
   */
  show(layout: SnapshotLayout, changedPages: ReadonlySet<number> | 'all', epoch: number, deadlineMs: number): void {
    if (changedPages === 'all') this.#cache.clear();
    else for (const pageNumber of changedPages) this.#cache.delete(pageNumber);
    const known = this.#layout.frames === layout.frames ? this.#frameCount : undefined;
    this.#layout = layout;
    this.#frameCount = layout.frames?.frameCount ?? 0;
    if (changedPages !== 'all' && known !== undefined) this.#readFramesAfter(known);
    this.#epoch = epoch;
    this.#deadlineMs = deadlineMs;
    this.fault = undefined;
    this.absentPages = 0;
  }

  slice(): ByteImage {
    return this;
  }

  /** The bytes from `start` up to `end`, valid until the next call; SQLite never asks across a page's end. */
  subarray(start: number, end: number): Uint8Array {
    if (this.#nowMs() > this.#deadlineMs) {
      this.fault ??= new SnapshotError('too-large', 'the query takes too long; it was given up');
    }
    if (this.fault !== undefined) throw INPUT_OUTPUT_ERROR;
    const pageNumber = Math.floor(start / this.pageSize) + 1;
    const within = start - (pageNumber - 1) * this.pageSize;
    const length = Math.min(end - start, this.pageSize - within);
    try {
      const page = this.page(pageNumber);
      if (pageNumber > 1 || within >= DATABASE_HEADER_BYTES) return page.subarray(within, within + length);
      return this.#disguised(page).subarray(within, within + length);
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      this.fault = error;
      throw INPUT_OUTPUT_ERROR;
    }
  }

  copy(limitBytes: number): Uint8Array {
    const sizeBytes = this.#layout.pageCount * this.pageSize;
    if (sizeBytes > limitBytes) {
      throw new SnapshotError(
        'too-large',
        `this sql.js copies databases, and ${sizeBytes} bytes are too many`,
      );
    }
    const bytes = new Uint8Array(sizeBytes);
    for (let start = 0; start < sizeBytes; start += this.pageSize) {
      bytes.set(this.subarray(start, start + this.pageSize), start);
    }
    return bytes;
  }

  /**
   * One page's bytes as they are on disk, header included; not to be written to, and good until a hundred other pages were
   * asked for.
   */
  page(pageNumber: number): Uint8Array {
    const known = this.#cache.get(pageNumber);
    if (known !== undefined) return known;
    const page = this.#cache.room(pageNumber);
    try {
      this.#read(pageNumber, page);
    } catch (error) {
      this.#cache.delete(pageNumber);
      throw error;
    }
    return page;
  }

  #read(pageNumber: number, page: Uint8Array): void {
    const inWal = this.#layout.frames?.offsetOfPage(pageNumber);
    const got =
      inWal === undefined
        ? this.#readMain(pageNumber, page)
        : (this.#layout.frames?.readPage(page, inWal, this.pageSize) ?? 0);
    if (got === this.pageSize) return;
    // What is past the end reads as zeros, as in SQLite: free pages need never have been written.
    page.fill(0, got);
    this.absentPages += 1;
  }

  /** What a few commits wrote is asked for almost whole: one read of it takes no longer than one of a page. */
  #readFramesAfter(known: number): void {
    this.#ahead ??= new Uint8Array(READ_AHEAD_BYTES);
    this.#layout.frames?.readAfter(known, this.#ahead, (pageNumber, bytes) =>
      this.#cache.room(pageNumber).set(bytes),
    );
  }

  /** Reads a page, and where it follows the ones read last, ever more of those behind it. */
  #readMain(pageNumber: number, page: Uint8Array): number {
    const { pageSize } = this;
    const most =
      pageNumber === this.#nextInMain ? Math.min(this.#readAtOnce * 2, READ_AHEAD_BYTES / pageSize) : 1;
    let count = 1;
    while (count < most && this.#isUnreadInMain(pageNumber + count)) count += 1;
    this.#nextInMain = pageNumber + count;
    this.#readAtOnce = most;
    const start = (pageNumber - 1) * pageSize;
    if (count === 1) return this.#main.read(page, start, pageSize);
    this.#ahead ??= new Uint8Array(READ_AHEAD_BYTES);
    const got = this.#main.read(this.#ahead, start, count * pageSize);
    page.set(this.#ahead.subarray(0, pageSize));
    for (let next = 1; (next + 1) * pageSize <= got; next += 1)
      this.#cache.room(pageNumber + next).set(this.#ahead.subarray(next * pageSize, (next + 1) * pageSize));
    return Math.min(got, pageSize);
  }

  #isUnreadInMain(pageNumber: number): boolean {
    if (pageNumber > this.#layout.pageCount || this.#cache.has(pageNumber)) return false;
    return this.#layout.frames?.offsetOfPage(pageNumber) === undefined;
  }

  /** Page 1 with the header of a quiet database without a WAL, whose size and change counter we decide. */
  #disguised(page: Uint8Array): Uint8Array {
    this.#scratch.set(page);
    const header = new DataView(this.#scratch.buffer);
    this.#scratch.fill(1, READ_FORMAT_OFFSET, READ_FORMAT_OFFSET + 2);
    header.setUint32(CHANGE_COUNTER_OFFSET, this.#epoch);
    header.setUint32(PAGE_COUNT_OFFSET, this.#layout.pageCount);
    header.setUint32(VERSION_VALID_FOR_OFFSET, this.#epoch);
    return this.#scratch;
  }
}
