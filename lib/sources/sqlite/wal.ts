import { TornSnapshot } from './problem.ts';
import type { ReadOnlyFile } from './read-only-file.ts';
import {
  FRAME_HEADER_BYTES,
  readFrameHeader,
  type Salted,
  type Sums,
  WAL_HEADER_BYTES,
  type WalHeader,
} from './wal-format.ts';
import type { WalIndexHeader } from './wal-index.ts';

/**
 * The write-ahead log (`-wal`): which page's newest committed bytes are where in it.
 * https://sqlite.org/fileformat2.html section 4 "The Write-Ahead Log", above all 4.4 "Reader Algorithm".
 */

/** The committed frames of one generation of a WAL; grows as commits come, never looks at a frame twice. */
export class WalFrames {
  readonly header: WalHeader;
  readonly #file: ReadOnlyFile;
  readonly #frameOfPage = new Map<number, number>();
  /** The page of frame 1 comes first; room for more behind the known ones. */
  #pageOfFrame = new Uint32Array(1024);
  #frameCount = 0;
  #pageCount = 0;

  constructor(file: ReadOnlyFile, header: WalHeader) {
    this.#file = file;
    this.header = header;
  }

  /** Committed frames known so far. */
  get frameCount(): number {
    return this.#frameCount;
  }

  /** Pages of the database after the last known commit; 0 before the first. */
  get pageCount(): number {
    return this.#pageCount;
  }

  /** Where the page's newest committed bytes start in the WAL; undefined where the main file has them. */
  offsetOfPage(pageNumber: number): number | undefined {
    const frame = this.#frameOfPage.get(pageNumber);
    return frame === undefined ? undefined : frameOffset(this.header, frame) + FRAME_HEADER_BYTES;
  }

  /** Reads bytes of the WAL at `offset`, as `offsetOfPage` gave it; the count that was there. */
  readPage(target: Uint8Array, offset: number, length: number): number {
    return this.#file.read(target, offset, length);
  }

  /**
   * Reads the frames after number `frameCount` in one piece: calls back with each page whose newest bytes are among them.
   * Reads nothing where they are more than `target` holds.
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

  /** The pages that frames after number `frameCount` hold. */
  pagesAfter(frameCount: number): Set<number> {
    return new Set(this.#pageOfFrame.subarray(frameCount, this.#frameCount));
  }

  /**
   * Takes in the frames that a wal-index says are committed; `pages` are those of the ones not known yet. Throws
   * TornSnapshot where the last frame is not what it says: the WAL began anew in this state, or the wal-index is a
   * leftover of other files.
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

  /** Adds the frames of commits, by their pages; `pageCount`: the database's pages after the last of them. */
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

  /** The running checksum after the last known frame: that frame's header stores it. */
  seed(): Sums {
    if (this.frameCount === 0) return [this.header.checksum1, this.header.checksum2];
    const last = readFrameHeader(this.#file, frameOffset(this.header, this.frameCount), this.header);
    if (last === undefined) throw new TornSnapshot('the WAL began anew');
    return [last.checksum1, last.checksum2];
  }
}

/** Where the header of frame `frame` (from 1) is in a WAL. */
export function frameOffset({ pageSize }: { readonly pageSize: number }, frame: number): number {
  return WAL_HEADER_BYTES + (frame - 1) * (FRAME_HEADER_BYTES + pageSize);
}

/** More frames than these are not looked through: a WAL that long holds about every page. */
const mostLeft = 4000;

/**
 * The pages of a generation's frames after number `frameCount`, once the next generation was begun over it; `undefined`
 * where that has come so far already, or the file was cut, so that they cannot be told.
 */
export function pagesLeftAfter(
  file: ReadOnlyFile,
  generation: Salted & { readonly pageSize: number },
  frameCount: number,
): readonly number[] | undefined {
  if (frameCount === 0) return undefined;
  const header = (frame: number) => readFrameHeader(file, frameOffset(generation, frame), generation);
  const pages: number[] = [];
  for (let next = header(frameCount + 1); next !== undefined; next = header(frameCount + 1 + pages.length)) {
    pages.push(next.pageNumber);
    if (pages.length > mostLeft) return undefined;
  }
  const end = frameOffset(generation, frameCount + 1 + pages.length);
  const sizeBytes = file.sizeBytes();
  // A file cut within a frame (`pragma journal_size_limit`) may have held more of this generation.
  if (sizeBytes !== end && sizeBytes < end + FRAME_HEADER_BYTES) return undefined;
  // Frames are written in their order: while this one was not overwritten, none behind it was.
  return header(frameCount) === undefined ? undefined : pages;
}
