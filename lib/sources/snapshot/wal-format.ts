import type { ReadOnlyFile } from './read-only-file.ts';

/**
 * The bytes of a write-ahead log: its header, its frames' headers, their checksums.
 * https://sqlite.org/fileformat2.html sections 4.1 "WAL File Format" and 4.2 "Checksum Algorithm".
 * All header numbers are big-endian.
 */
const WAL_MAGIC = 0x377f0682; // the lowest bit says that checksums are over big-endian words
const WAL_VERSION = 3007000;
export const WAL_HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 24;

/** The 32 bytes at the start of a WAL; its salts tell one generation of frames from the next. */
export interface WalHeader {
  readonly pageSize: number;
  readonly salt1: number;
  readonly salt2: number;
  readonly checksum1: number;
  readonly checksum2: number;
  readonly isBigEndian: boolean;
}

/** The 24 bytes before each page. */
export interface FrameHeader {
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

/** The two numbers that tell frames of one generation of a WAL from those of the next. */
interface Salted {
  readonly salt1: number;
  readonly salt2: number;
}

/** True where both are of one generation. */
export function sameSalts(a: Salted, b: Salted): boolean {
  return a.salt1 === b.salt1 && a.salt2 === b.salt2;
}

/** The frame header at `offset`; undefined where the file ends or the frame is of another generation. */
export function readFrameHeader(file: ReadOnlyFile, offset: number, wal: WalHeader): FrameHeader | undefined {
  const got = file.read(FRAME_SCRATCH, offset, FRAME_HEADER_BYTES);
  const header: FrameHeader = {
    pageNumber: FRAME_VIEW.getUint32(0),
    commitPageCount: FRAME_VIEW.getUint32(4),
    salt1: FRAME_VIEW.getUint32(8),
    salt2: FRAME_VIEW.getUint32(12),
    checksum1: FRAME_VIEW.getUint32(16),
    checksum2: FRAME_VIEW.getUint32(20),
  };
  const isOurs = got === FRAME_HEADER_BYTES && header.pageNumber > 0 && sameSalts(header, wal);
  return isOurs ? header : undefined;
}

/** The running checksum after a frame, given the one before it. */
export function frameChecksum(header: FrameHeader, page: DataView, wal: WalHeader, before: Sums): Sums {
  const words = new DataView(new ArrayBuffer(8));
  words.setUint32(0, header.pageNumber);
  words.setUint32(4, header.commitPageCount);
  const sums = checksum(words, 0, 8, wal.isBigEndian, before);
  return checksum(page, 0, page.byteLength, wal.isBigEndian, sums);
}

/** The two halves of a running checksum. */
export type Sums = readonly [number, number];

const FRAME_SCRATCH = new Uint8Array(FRAME_HEADER_BYTES);
const FRAME_VIEW = new DataView(FRAME_SCRATCH.buffer);

function checksum(view: DataView, start: number, end: number, isBigEndian: boolean, seed: Sums): Sums {
  let [sum1, sum2] = seed;
  for (let i = start; i < end; i += 8) {
    sum1 = (sum1 + view.getUint32(i, !isBigEndian) + sum2) >>> 0;
    sum2 = (sum2 + view.getUint32(i + 4, !isBigEndian) + sum1) >>> 0;
  }
  return [sum1, sum2];
}
