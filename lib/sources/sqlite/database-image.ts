import { PageCache } from './page-cache.ts';
import { SnapshotError } from './problem.ts';
import type { ReadOnlyFile } from './read-only-file.ts';
import type { WalFrames } from './wal.ts';

/**
 * A database as one byte array that is never whole in memory. SQLite asks for pages. Each page comes from the WAL if a
 * committed frame holds it, else from the main file.
 * https://sqlite.org/fileformat2.html section 1.3 "The Database Header" and 4.4 "Reader Algorithm".
 */

/** The size of a committed state and the place of each of its pages. */
export interface SnapshotLayout {
  readonly pageSize: number;
  readonly pageCount: number;
  /** The committed frames; absent if all pages are in the main file. */
  readonly frames?: WalFrames;
}

/** The part of a typed array that sql.js's file system uses. */
export interface ByteImage {
  readonly length: number;
  slice(): ByteImage;
  subarray(start: number, end: number): Uint8Array;
  /** Returns all bytes, for an engine that does not read by page. Throws SnapshotError if there are more than the limit. */
  copy(limitBytes: number): Uint8Array;
}

/** emscripten's file system turns an error of this name and number into EIO. Other errors would skip SQLite's clean-up. */
const INPUT_OUTPUT_ERROR = { name: 'ErrnoError', errno: 29 };

/** Limits read-ahead of consecutive pages, such as the overflow pages of a long row. Reading 16 pages takes as long as 5. */
const READ_AHEAD_BYTES = 64 * 1024;

const DATABASE_HEADER_BYTES = 100;
const READ_FORMAT_OFFSET = 18;
const CHANGE_COUNTER_OFFSET = 24;
const PAGE_COUNT_OFFSET = 28;
const VERSION_VALID_FOR_OFFSET = 92;

export class DatabaseImage implements ByteImage {
  /**
   * Larger than any database, since sql.js asks once and databases grow. SQLite takes the real page count from the
   * header if the file is not shorter than that.
   */
  readonly length: number;
  readonly pageSize: number;
  /** Why a page could not be read; sql.js only says "disk I/O error". */
  fault: SnapshotError | undefined;
  /** Counts the pages that were in neither the WAL nor the main file, and so were read as zeros. */
  absentPages = 0;
  readonly #main: ReadOnlyFile;
  readonly #scratch: Uint8Array;
  readonly #cache: PageCache;
  /** The page after the last one that was read from the main file, and the count of pages in that read. */
  #nextInMain = 0;
  #pagesPerRead = 1;
  #readAheadBuffer: Uint8Array | undefined;
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
   * Shows another layout, in which only `changedPages` differ from the one before. `epoch` becomes the file change
   * counter, which SQLite compares at the start of each read transaction (section 1.3.10); a new one makes SQLite drop
   * its cache.
   */
  show(
    layout: SnapshotLayout,
    changedPages: ReadonlySet<number> | 'all',
    epoch: number,
    deadlineMs: number,
  ): void {
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

  /** Returns this image itself: sql.js copies the array that it is given by `slice`. */
  slice(): ByteImage {
    return this;
  }

  /**
   * Returns the bytes from `start` up to `end`, valid until the next call. SQLite never asks across a page's end.
   * Throws emscripten's EIO after setting `fault` if a page cannot be read or the deadline has passed.
   */
  subarray(start: number, end: number): Uint8Array {
    if (this.#nowMs() > this.#deadlineMs) {
      this.fault ??= new SnapshotError('too-large', 'the query took too long and was stopped');
    }
    if (this.fault !== undefined) throw INPUT_OUTPUT_ERROR;
    const pageNumber = Math.floor(start / this.pageSize) + 1;
    const within = start - (pageNumber - 1) * this.pageSize;
    const length = Math.min(end - start, this.pageSize - within);
    try {
      const page = this.page(pageNumber);
      if (pageNumber > 1 || within >= DATABASE_HEADER_BYTES) return page.subarray(within, within + length);
      return this.#withPlainHeader(page).subarray(within, within + length);
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      this.fault = error;
      throw INPUT_OUTPUT_ERROR;
    }
  }

  /** Returns all bytes. Throws SnapshotError if there are more than the limit. */
  copy(limitBytes: number): Uint8Array {
    const sizeBytes = this.#layout.pageCount * this.pageSize;
    if (sizeBytes > limitBytes) {
      throw new SnapshotError(
        'too-large',
        `this version of sql.js has to copy the database, and ${sizeBytes} bytes are too large for that`,
      );
    }
    const bytes = new Uint8Array(sizeBytes);
    for (let start = 0; start < sizeBytes; start += this.pageSize) {
      bytes.set(this.subarray(start, start + this.pageSize), start);
    }
    return bytes;
  }

  /**
   * Returns one page's bytes as they are on disk, header included. Do not write to them. They are valid until a hundred
   * other pages were asked for. Throws SnapshotError if the page cannot be read.
   */
  page(pageNumber: number): Uint8Array {
    const known = this.#cache.get(pageNumber);
    if (known !== undefined) return known;
    const page = this.#cache.allocate(pageNumber);
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
    // Pages past the end read as zeros, like in SQLite: free pages may never have been written.
    page.fill(0, got);
    this.absentPages += 1;
  }

  /** Reads all new frames at once: queries need almost all of them, and one read takes no longer than that of one page. */
  #readFramesAfter(known: number): void {
    this.#readAheadBuffer ??= new Uint8Array(READ_AHEAD_BYTES);
    this.#layout.frames?.readAfter(known, this.#readAheadBuffer, (pageNumber, bytes) =>
      this.#cache.allocate(pageNumber).set(bytes),
    );
  }

  /** Reads a page. If reads are consecutive, reads ahead, twice as many pages each time. Returns the bytes of the page. */
  #readMain(pageNumber: number, page: Uint8Array): number {
    const { pageSize } = this;
    const maxCount =
      pageNumber === this.#nextInMain ? Math.min(this.#pagesPerRead * 2, READ_AHEAD_BYTES / pageSize) : 1;
    let count = 1;
    while (count < maxCount && this.#isUnreadInMain(pageNumber + count)) count += 1;
    this.#nextInMain = pageNumber + count;
    this.#pagesPerRead = maxCount;
    const start = (pageNumber - 1) * pageSize;
    if (count === 1) return this.#main.read(page, start, pageSize);
    this.#readAheadBuffer ??= new Uint8Array(READ_AHEAD_BYTES);
    const got = this.#main.read(this.#readAheadBuffer, start, count * pageSize);
    page.set(this.#readAheadBuffer.subarray(0, pageSize));
    for (let next = 1; (next + 1) * pageSize <= got; next += 1)
      this.#cache
        .allocate(pageNumber + next)
        .set(this.#readAheadBuffer.subarray(next * pageSize, (next + 1) * pageSize));
    return Math.min(got, pageSize);
  }

  #isUnreadInMain(pageNumber: number): boolean {
    if (pageNumber > this.#layout.pageCount || this.#cache.has(pageNumber)) return false;
    return this.#layout.frames?.offsetOfPage(pageNumber) === undefined;
  }

  /** Returns page 1 with the header of a database without a WAL, and with our page count and change counter. */
  #withPlainHeader(page: Uint8Array): Uint8Array {
    this.#scratch.set(page);
    const header = new DataView(this.#scratch.buffer);
    this.#scratch.fill(1, READ_FORMAT_OFFSET, READ_FORMAT_OFFSET + 2);
    header.setUint32(CHANGE_COUNTER_OFFSET, this.#epoch);
    header.setUint32(PAGE_COUNT_OFFSET, this.#layout.pageCount);
    header.setUint32(VERSION_VALID_FOR_OFFSET, this.#epoch);
    return this.#scratch;
  }
}
