import { TornSnapshot } from './problem.ts';
import type { ReadOnlyFile } from './read-only-file.ts';
import {
  FRAME_HEADER_BYTES,
  readFrameHeader,
  type Sums,
  WAL_HEADER_BYTES,
  type WalHeader,
  type WalSalts,
} from './wal-format.ts';
import type { WalIndexHeader } from './wal-index.ts';

/**
 * The write-ahead log (`-wal`): the place of each page's newest committed bytes.
 * https://sqlite.org/fileformat2.html section 4 "The Write-Ahead Log", above all 4.4 "Reader Algorithm".
 */

/** The committed frames of a WAL since its last reset. Grows with each commit and reads no frame twice. */
export class WalFrames {
  readonly header: WalHeader;
  readonly #file: ReadOnlyFile;
  readonly #frameOfPage = new Map<number, number>();
  /** The page of frame 1 comes first. The array is longer than `#frameCount`, for later commits. */
  #pageOfFrame = new Uint32Array(1024);
  #frameCount = 0;
  #pageCount = 0;

  constructor(file: ReadOnlyFile, header: WalHeader) {
    this.#file = file;
    this.header = header;
  }

  /** The count of committed frames known so far. */
  get frameCount(): number {
    return this.#frameCount;
  }

  /** The database's page count after the last known commit; 0 before the first. */
  get pageCount(): number {
    return this.#pageCount;
  }

  /** Returns the WAL offset of the page's newest committed bytes; undefined if they are in the main file. */
  offsetOfPage(pageNumber: number): number | undefined {
    const frame = this.#frameOfPage.get(pageNumber);
    return frame === undefined ? undefined : frameOffset(this.header, frame) + FRAME_HEADER_BYTES;
  }

  /** Reads bytes of the WAL at `offset`, a result of `offsetOfPage`. Returns the count of bytes read. */
  readPage(target: Uint8Array, offset: number, length: number): number {
    return this.#file.read(target, offset, length);
  }

  /**
   * Reads all frames after number `frameCount` at once, and calls `take` with each page whose newest bytes are among
   * them. Reads nothing if they are larger than `target`.
   */
  readAfter(
    frameCount: number,
    target: Uint8Array,
    take: (pageNumber: number, page: Uint8Array) => void,
  ): void {
    const frameBytes = FRAME_HEADER_BYTES + this.header.pageSize;
    const length = (this.#frameCount - frameCount) * frameBytes;
    if (length > target.length) return;
    const got = this.#file.read(target, frameOffset(this.header, frameCount + 1), length);
    for (let start = 0; start + frameBytes <= got; start += frameBytes) {
      const frame = frameCount + 1 + start / frameBytes;
      const pageNumber = this.#pageOfFrame[frame - 1] ?? 0;
      if (this.#frameOfPage.get(pageNumber) === frame)
        take(pageNumber, target.subarray(start + FRAME_HEADER_BYTES, start + frameBytes));
    }
  }

  /** Returns the pages in the frames after number `frameCount`. */
  pagesAfter(frameCount: number): Set<number> {
    return new Set(this.#pageOfFrame.subarray(frameCount, this.#frameCount));
  }

  /**
   * Adds the frames that are committed according to a wal-index; `pages` are the pages of the new ones. Throws
   * TornSnapshot if the last frame contradicts the wal-index: the WAL was reset just now, or the wal-index is stale.
   */
  extendTo(index: WalIndexHeader, pages: Uint32Array): void {
    const last = readFrameHeader(this.#file, frameOffset(this.header, index.frameCount), this.header);
    const isLastCommit =
      last !== undefined &&
      last.commitPageCount === index.pageCount &&
      last.checksum1 === index.checksum1 &&
      last.checksum2 === index.checksum2 &&
      last.pageNumber === (pages.at(-1) ?? last.pageNumber);
    if (!isLastCommit) throw new TornSnapshot('the wal-index does not fit the WAL');
    this.commit(pages, index.pageCount);
  }

  /** Adds committed frames, given by their pages. `pageCount` is the database's page count after the last of them. */
  commit(pages: ArrayLike<number>, pageCount: number): void {
    const frameCount = this.#frameCount + pages.length;
    if (frameCount > this.#pageOfFrame.length) {
      const larger = new Uint32Array(frameCount * 2);
      larger.set(this.#pageOfFrame);
      this.#pageOfFrame = larger;
    }
    this.#pageOfFrame.set(pages, this.#frameCount);
    for (let i = 0; i < pages.length; i += 1) this.#frameOfPage.set(pages[i] ?? 0, this.#frameCount + i + 1);
    this.#frameCount = frameCount;
    this.#pageCount = pageCount;
  }

  /**
   * Returns the running checksum after the last known frame, from that frame's header. Throws TornSnapshot if the WAL
   * was reset.
   */
  seed(): Sums {
    if (this.frameCount === 0) return [this.header.checksum1, this.header.checksum2];
    const last = readFrameHeader(this.#file, frameOffset(this.header, this.frameCount), this.header);
    if (last === undefined) throw new TornSnapshot('the WAL was restarted');
    return [last.checksum1, last.checksum2];
  }
}

/** Returns the WAL offset of the header of frame `frame`, counted from 1. */
export function frameOffset({ pageSize }: { readonly pageSize: number }, frame: number): number {
  return WAL_HEADER_BYTES + (frame - 1) * (FRAME_HEADER_BYTES + pageSize);
}

/** Limits the leftover frames that are read: more of them hold almost every page anyway. */
const maxLeftoverPages = 4000;

/**
 * Returns the pages of the old frames after number `frameCount` that are left after a WAL reset. Returns `undefined` if
 * they cannot be known: the new frames have overwritten some of them, or the file was truncated.
 */
export function leftoverPagesAfter(
  file: ReadOnlyFile,
  oldWal: WalSalts & { readonly pageSize: number },
  frameCount: number,
): readonly number[] | undefined {
  if (frameCount === 0) return undefined;
  const header = (frame: number) => readFrameHeader(file, frameOffset(oldWal, frame), oldWal);
  const pages: number[] = [];
  for (let next = header(frameCount + 1); next !== undefined; next = header(frameCount + 1 + pages.length)) {
    pages.push(next.pageNumber);
    if (pages.length > maxLeftoverPages) return undefined;
  }
  const end = frameOffset(oldWal, frameCount + 1 + pages.length);
  const sizeBytes = file.sizeBytes();
  // A file truncated within a frame (`pragma journal_size_limit`) may have held more old frames.
  if (sizeBytes !== end && sizeBytes < end + FRAME_HEADER_BYTES) return undefined;
  // Frames are written in order: if this frame is not overwritten, none after it is.
  return header(frameCount) === undefined ? undefined : pages;
}
