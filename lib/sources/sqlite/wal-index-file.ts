import type { FileStamp, ReadOnlyFile } from './read-only-file.ts';
import { sameSalts } from './wal-format.ts';
import { pageNumberRuns, parseWalIndex, WAL_INDEX_LOOK_BYTES, type WalIndexHeader } from './wal-index.ts';

/**
 * The `-shm` file as a reader without locks uses it: others write to it in place while it is read.
 * https://sqlite.org/walformat.html sections "The WAL-Index Header", "Locks" and "Hash Tables".
 */

/** A wal-index that contradicts its WAL this often in a row is a leftover, not a writer between two steps. */
const MISFITS_OF_A_LEFTOVER = 3;
const LOOKS_AT_CHANGING_HEADER = 16;

export class WalIndexFile {
  readonly #file: ReadOnlyFile;
  readonly #bytes = new Uint8Array(WAL_INDEX_LOOK_BYTES);
  #misfit = { fingerprint: '', count: 0 };

  constructor(file: ReadOnlyFile) {
    this.#file = file;
  }

  /** What is at the path now; opens it if it is another file than before. */
  look(): FileStamp | undefined {
    return this.#file.look();
  }

  isInPlace(): boolean {
    return this.#file.isInPlace();
  }

  close(): void {
    this.#file.close();
  }

  /** The header, for one 136-byte read; undefined where there is none to rely on: then the WAL itself tells. */
  header(): WalIndexHeader | undefined {
    const index = this.#read();
    const isLeftover =
      index?.fingerprint === this.#misfit.fingerprint && this.#misfit.count >= MISFITS_OF_A_LEFTOVER;
    return isLeftover ? undefined : index;
  }

  /**
   * The pages that the frames from number `first` to the last of `index` hold, a read of 16 KB for each 4,096 of them;
   * undefined where they are not there, or a writer began the WAL anew: the first frame clears them.
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

  /** Remembers that this header contradicted the WAL. */
  noteMisfit(index: WalIndexHeader): void {
    const isSame = this.#misfit.fingerprint === index.fingerprint;
    this.#misfit = { fingerprint: index.fingerprint, count: isSame ? this.#misfit.count + 1 : 1 };
  }

  /**
   * True where no checkpoint went past the frames of `index` and no writer began the WAL anew since.
   * Checkpoints raise `backfillAttempted` before they touch the main file; a writer that begins anew changes
   * the salts before it resets that, and before it overwrites a frame: hence the second look.
   */
  isUntouchedSince(index: WalIndexHeader): boolean {
    const first = this.#read();
    const second = this.#read();
    if (first === undefined || second === undefined) return false;
    return sameSalts(first, index) && sameSalts(second, index) && first.backfillAttempted <= index.frameCount;
  }

  /** The header's copies differ for well under a microsecond at a time; then look again. */
  #read(): WalIndexHeader | undefined {
    for (let tries = 0; tries < LOOKS_AT_CHANGING_HEADER; tries += 1) {
      const got = this.#file.read(this.#bytes, 0, WAL_INDEX_LOOK_BYTES);
      if (got < WAL_INDEX_LOOK_BYTES) return undefined;
      const index = parseWalIndex(this.#bytes);
      if (index !== undefined) return index;
    }
    return undefined;
  }
}
