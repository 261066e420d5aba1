import type { FileStamp, ReadOnlyFile } from './read-only-file.ts';
import { sameSalts } from './wal-format.ts';
import { pageNumberRuns, parseWalIndex, WAL_INDEX_HEADERS_BYTES, type WalIndexHeader } from './wal-index.ts';

/**
 * Reads the `-shm` file without locks, while other processes write to it in place.
 * https://sqlite.org/walformat.html sections "The WAL-Index Header", "Locks" and "Hash Tables".
 */

/** A wal-index that contradicts its WAL this often in a row is stale; a writer between two steps is faster. */
const STALE_AFTER_MISMATCHES = 3;
const MAX_HEADER_READS = 16;

export class WalIndexFile {
  readonly #file: ReadOnlyFile;
  readonly #bytes = new Uint8Array(WAL_INDEX_HEADERS_BYTES);
  #mismatch = { fingerprint: '', count: 0 };

  constructor(file: ReadOnlyFile) {
    this.#file = file;
  }

  /** Opens the file at the path if it is another one than before. Returns its stamp; undefined if there is no file. */
  reopen(): FileStamp | undefined {
    return this.#file.reopen();
  }

  /** True if the path leads to the open file, or to no file if none is open. */
  isInPlace(): boolean {
    return this.#file.isInPlace();
  }

  close(): void {
    this.#file.close();
  }

  /** Returns the header, by one 136-byte read; undefined if there is no valid one. Then the WAL itself must be scanned. */
  header(): WalIndexHeader | undefined {
    const index = this.#read();
    const isStale =
      index?.fingerprint === this.#mismatch.fingerprint && this.#mismatch.count >= STALE_AFTER_MISMATCHES;
    return isStale ? undefined : index;
  }

  /**
   * Returns the page numbers of the frames from `first` to the last one of `index`, by one read of 16 KB for each
   * 4,096. Returns undefined if the file is too short or a writer reset the WAL, whose first frame clears them.
   */
  pageNumbers(first: number, index: WalIndexHeader): Uint32Array | undefined {
    const numbers = new Uint32Array(Math.max(0, index.frameCount - first + 1));
    let done = 0;
    for (const { offset, count } of pageNumberRuns(first, index.frameCount)) {
      const bytes = new Uint8Array(count * 4);
      if (this.#file.read(bytes, offset, bytes.length) < bytes.length) return undefined;
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < count; i += 1) numbers[done + i] = view.getUint32(i * 4, index.isLittleEndian);
      done += count;
    }
    const now = this.#read();
    return now !== undefined && sameSalts(now, index) ? numbers : undefined;
  }

  /** Records that this header contradicted the WAL. */
  recordMismatch(index: WalIndexHeader): void {
    const isSame = this.#mismatch.fingerprint === index.fingerprint;
    this.#mismatch = { fingerprint: index.fingerprint, count: isSame ? this.#mismatch.count + 1 : 1 };
  }

  /**
   * True if no checkpoint went past the frames of `index` and no writer reset the WAL since.
   * A checkpoint raises `backfillAttempted` before it writes to the main file. A WAL reset changes the salts before it
   * resets that number and before it overwrites a frame, so the header is read twice.
   */
  isUntouchedSince(index: WalIndexHeader): boolean {
    const first = this.#read();
    const second = this.#read();
    if (first === undefined || second === undefined) return false;
    return sameSalts(first, index) && sameSalts(second, index) && first.backfillAttempted <= index.frameCount;
  }

  /** Reads again if the header's two copies differ, which lasts well under a microsecond. */
  #read(): WalIndexHeader | undefined {
    for (let tries = 0; tries < MAX_HEADER_READS; tries += 1) {
      const got = this.#file.read(this.#bytes, 0, WAL_INDEX_HEADERS_BYTES);
      if (got < WAL_INDEX_HEADERS_BYTES) return undefined;
      const index = parseWalIndex(this.#bytes);
      if (index !== undefined) return index;
    }
    return undefined;
  }
}
