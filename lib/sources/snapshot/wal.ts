import { TornSnapshot } from './problem.ts';
import type { ReadOnlyFile } from './read-only-file.ts';
import {
  FRAME_HEADER_BYTES,
  type FrameHeader,
  frameChecksum,
  readFrameHeader,
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
  readonly #pageOfFrame: number[] = [];
  #pageCount = 0;

  constructor(file: ReadOnlyFile, header: WalHeader) {
    this.#file = file;
    this.header = header;
  }

  /** Committed frames known so far. */
  get frameCount(): number {
    return this.#pageOfFrame.length;
  }

  /** Pages of the database after the last known commit; 0 before the first. */
  get pageCount(): number {
    return this.#pageCount;
  }

  /** Where the page's newest committed bytes start in the WAL; undefined where the main file has them. */
  offsetOfPage(pageNumber: number): number | undefined {
    const frame = this.#frameOfPage.get(pageNumber);
    return frame === undefined ? undefined : this.#frameOffset(frame) + FRAME_HEADER_BYTES;
  }

  /** Reads bytes of the WAL at `offset`, as `offsetOfPage` gave it; the count that was there. */
  readPage(target: Uint8Array, offset: number, length: number): number {
    return this.#file.read(target, offset, length);
  }

  /** The pages that frames after number `frameCount` hold. */
  pagesAfter(frameCount: number): Set<number> {
    return new Set(this.#pageOfFrame.slice(frameCount));
  }

  /**
   * Takes in the frames that a wal-index says are committed. Throws TornSnapshot where they are not what it
   * says: the WAL began anew in this moment, or the wal-index is a leftover of other files.
   */
  extendTo(index: WalIndexHeader): void {
    const pages: number[] = [];
    let last: FrameHeader | undefined;
    for (let frame = this.frameCount + 1; frame <= index.frameCount; frame += 1) {
      last = this.#readFrameHeader(frame);
      if (last === undefined) throw new TornSnapshot(`frame ${frame} is not of this WAL`);
      pages.push(last.pageNumber);
    }
    last ??= this.#readFrameHeader(index.frameCount);
    const isLastCommit =
      last !== undefined &&
      last.commitPageCount === index.pageCount &&
      last.checksum1 === index.checksum1 &&
      last.checksum2 === index.checksum2;
    if (!isLastCommit) throw new TornSnapshot('the wal-index does not fit the WAL');
    this.#commit(pages, index.pageCount);
  }

  /**
   * Finds commits after the known frames without a wal-index: salts and checksums must be right up to a
   * commit frame. True where there was at least one.
   */
  scan(): boolean {
    const before = this.frameCount;
    let sums = this.#seed();
    let pages: number[] = [];
    const page = new Uint8Array(this.header.pageSize);
    const view = new DataView(page.buffer);
    for (let frame = before + 1; ; frame += 1) {
      const header = this.#readFrameHeader(frame);
      if (header === undefined) break;
      const offset = this.#frameOffset(frame) + FRAME_HEADER_BYTES;
      if (this.#file.read(page, offset, page.length) < page.length) break;
      sums = frameChecksum(header, view, this.header, sums);
      if (sums[0] !== header.checksum1 || sums[1] !== header.checksum2) break;
      pages.push(header.pageNumber);
      if (header.commitPageCount > 0) {
        this.#commit(pages, header.commitPageCount);
        pages = [];
      }
    }
    return this.frameCount > before;
  }

  #commit(pages: readonly number[], pageCount: number): void {
    for (const page of pages) {
      this.#pageOfFrame.push(page);
      this.#frameOfPage.set(page, this.#pageOfFrame.length);
    }
    this.#pageCount = pageCount;
  }

  /** The running checksum after the last known frame: that frame's header stores it. */
  #seed(): Sums {
    if (this.frameCount === 0) return [this.header.checksum1, this.header.checksum2];
    const last = this.#readFrameHeader(this.frameCount);
    if (last === undefined) throw new TornSnapshot('the WAL began anew');
    return [last.checksum1, last.checksum2];
  }

  #frameOffset(frame: number): number {
    return WAL_HEADER_BYTES + (frame - 1) * (FRAME_HEADER_BYTES + this.header.pageSize);
  }

  #readFrameHeader(frame: number): FrameHeader | undefined {
    return readFrameHeader(this.#file, this.#frameOffset(frame), this.header);
  }
}
