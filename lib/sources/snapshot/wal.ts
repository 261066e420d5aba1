import { TornSnapshot } from './problem.ts';
import type { ReadOnlyFile } from './read-only-file.ts';
import type { WalIndexHeader } from './wal-index.ts';

/**
 * The write-ahead log (`-wal`): which page's newest committed bytes are where in it.
 * https://sqlite.org/fileformat2.html section 4, "The Write-Ahead Log": 4.1 "WAL File Format",
 * 4.2 "Checksum Algorithm", 4.4 "Reader Algorithm". All header numbers are big-endian.
 */
const WAL_MAGIC = 0x377f0682; // the lowest bit says that checksums are over big-endian words
const WAL_VERSION = 3007000;
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** The 32 bytes at the start of a WAL; its salts tell one generation of frames from the next. */
export interface WalHeader {
  readonly pageSize: number;
  readonly salt1: number;
  readonly salt2: number;
  readonly checksum1: number;
  readonly checksum2: number;
  readonly isBigEndian: boolean;
}

interface FrameHeader {
  readonly pageNumber: number;
  /** Pages of the database after this commit; 0 in a frame that is not the last of its transaction. */
  readonly commitPageCount: number;
  readonly salt1: number;
  readonly salt2: number;
  readonly checksum1: number;
  readonly checksum2: number;
}

/** The WAL's header, or undefined where there is none that is whole: then no frame counts. */
export function readWalHeader(file: ReadOnlyFile): WalHeader | undefined {
  const bytes = new Uint8Array(WAL_HEADER_BYTES);
  if (file.read(bytes, 0, WAL_HEADER_BYTES) < WAL_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer);
  const magic = view.getUint32(0);
  const isBigEndian = (magic & 1) === 1;
  if ((magic & ~1) >>> 0 !== WAL_MAGIC || view.getUint32(4) !== WAL_VERSION) return undefined;
  const sums = checksum(view, 0, 24, isBigEndian, [0, 0]);
  const header = {
    pageSize: view.getUint32(8),
    salt1: view.getUint32(16),
    salt2: view.getUint32(20),
    checksum1: view.getUint32(24),
    checksum2: view.getUint32(28),
    isBigEndian,
  };
  const isWhole = sums[0] === header.checksum1 && sums[1] === header.checksum2;
  return isWhole && isPageSize(header.pageSize) ? header : undefined;
}

/** True for the powers of two from 512 to 65,536 (section 1.3.2, "Page Size"). */
export function isPageSize(pageSize: number): boolean {
  return pageSize >= 512 && pageSize <= 65536 && (pageSize & (pageSize - 1)) === 0;
}

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
      sums = checksum(frameWords(header), 0, 8, this.header.isBigEndian, sums);
      sums = checksum(view, 0, page.length, this.header.isBigEndian, sums);
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
    const got = this.#file.read(FRAME_SCRATCH, this.#frameOffset(frame), FRAME_HEADER_BYTES);
    const header: FrameHeader = {
      pageNumber: FRAME_VIEW.getUint32(0),
      commitPageCount: FRAME_VIEW.getUint32(4),
      salt1: FRAME_VIEW.getUint32(8),
      salt2: FRAME_VIEW.getUint32(12),
      checksum1: FRAME_VIEW.getUint32(16),
      checksum2: FRAME_VIEW.getUint32(20),
    };
    const isOurs =
      got === FRAME_HEADER_BYTES &&
      header.pageNumber > 0 &&
      header.salt1 === this.header.salt1 &&
      header.salt2 === this.header.salt2;
    return isOurs ? header : undefined;
  }
}

type Sums = readonly [number, number];

const FRAME_SCRATCH = new Uint8Array(FRAME_HEADER_BYTES);
const FRAME_VIEW = new DataView(FRAME_SCRATCH.buffer);

function frameWords(header: FrameHeader): DataView {
  const words = new DataView(new ArrayBuffer(8));
  words.setUint32(0, header.pageNumber);
  words.setUint32(4, header.commitPageCount);
  return words;
}

function checksum(view: DataView, start: number, end: number, isBigEndian: boolean, seed: Sums): Sums {
  let [sum1, sum2] = seed;
  for (let i = start; i < end; i += 8) {
    sum1 = (sum1 + view.getUint32(i, !isBigEndian) + sum2) >>> 0;
    sum2 = (sum2 + view.getUint32(i + 4, !isBigEndian) + sum1) >>> 0;
  }
  return [sum1, sum2];
}
