import type { ReadOnlyFile } from './read-only-file.ts';

/**
 * The format of a write-ahead log: its header, its frame headers and their checksums.
 * https://sqlite.org/fileformat2.html sections 4.1 "WAL File Format" and 4.2 "Checksum Algorithm".
 * All header numbers are big-endian.
 */
const WAL_MAGIC = 0x377f0682; // the lowest bit says that checksums are over big-endian words
const WAL_VERSION = 3007000;
export const WAL_HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 24;

/** The 32 bytes at the start of a WAL. The salts change with each WAL reset. */
export interface WalHeader {
  readonly pageSize: number;
  readonly salt1: number;
  readonly salt2: number;
  readonly checksum1: number;
  readonly checksum2: number;
  readonly isBigEndian: boolean;
}

/** The header of a frame: the 24 bytes before each page. */
export interface FrameHeader {
  readonly pageNumber: number;
  /** The database's page count after this commit; 0 in a frame that is not the last of its transaction. */
  readonly commitPageCount: number;
  readonly salt1: number;
  readonly salt2: number;
  readonly checksum1: number;
  readonly checksum2: number;
}

/** Returns the WAL's header; undefined if it is missing or damaged. Then no frame is committed. */
export function readWalHeader(file: ReadOnlyFile): WalHeader | undefined {
  const bytes = new Uint8Array(WAL_HEADER_BYTES);
  if (file.read(bytes, 0, WAL_HEADER_BYTES) < WAL_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer);
  const magic = view.getUint32(0);
  const isBigEndian = (magic & 1) === 1;
  if ((magic & ~1) >>> 0 !== WAL_MAGIC || view.getUint32(4) !== WAL_VERSION) return undefined;
  const sums = checksum(wordsOf(bytes, isBigEndian), 0, 6, [0, 0]);
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

/** The two numbers in the WAL's header and in each frame written since the last WAL reset. */
export interface WalSalts {
  readonly salt1: number;
  readonly salt2: number;
}

/** True if both have the same salts, so there was no WAL reset between them. */
export function sameSalts(a: WalSalts, b: WalSalts): boolean {
  return a.salt1 === b.salt1 && a.salt2 === b.salt2;
}

/** Returns the frame header at `offset`; undefined if the file ends there or the frame has other salts. */
export function readFrameHeader(file: ReadOnlyFile, offset: number, wal: WalSalts): FrameHeader | undefined {
  const got = file.read(FRAME_SCRATCH, offset, FRAME_HEADER_BYTES);
  return got === FRAME_HEADER_BYTES ? parseFrameHeader(FRAME_VIEW, 0, wal) : undefined;
}

/** Returns the frame header at `offset` of `view`; undefined if it has other salts than the WAL. */
export function parseFrameHeader(view: DataView, offset: number, wal: WalSalts): FrameHeader | undefined {
  const header: FrameHeader = {
    pageNumber: view.getUint32(offset),
    commitPageCount: view.getUint32(offset + 4),
    salt1: view.getUint32(offset + 8),
    salt2: view.getUint32(offset + 12),
    checksum1: view.getUint32(offset + 16),
    checksum2: view.getUint32(offset + 20),
  };
  return header.pageNumber > 0 && sameSalts(header, wal) ? header : undefined;
}

/** The two halves of a running checksum. */
export type Sums = readonly [number, number];

const FRAME_SCRATCH = new Uint8Array(FRAME_HEADER_BYTES);
const FRAME_VIEW = new DataView(FRAME_SCRATCH.buffer);
const IS_LITTLE_ENDIAN_HOST = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Returns bytes as 32-bit words, for checksums: a view of the same memory in the machine's byte order, else a copy. */
export function wordsOf(bytes: Uint8Array, isBigEndian: boolean): Int32Array {
  const own = isBigEndian === IS_LITTLE_ENDIAN_HOST ? Buffer.from(bytes).swap32() : bytes;
  const isAligned = own.byteOffset % 4 === 0;
  const { buffer, byteOffset, length } = isAligned ? own : Uint8Array.from(own);
  return new Int32Array(buffer, byteOffset, length >> 2);
}

/** Returns the running checksum after the words `from` up to `to`, an even number of them. */
export function checksum(words: Int32Array, from: number, to: number, seed: Sums): Sums {
  let [sum1, sum2] = seed;
  for (let i = from; i < to; i += 2) {
    sum1 = (sum1 + (words[i] ?? 0) + sum2) | 0;
    sum2 = (sum2 + (words[i + 1] ?? 0) + sum1) | 0;
  }
  return [sum1 >>> 0, sum2 >>> 0];
}
