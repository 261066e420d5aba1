import { pageBytes } from './page-image.ts';

/** Two 32-bit words: a running checksum, or a WAL's salts. */
export type WordPair = readonly [number, number];

/** One page of a transaction, as it goes into the log. */
export interface FramePage {
  readonly number: number;
  readonly bytes: Uint8Array;
}

export const walHeaderBytes = 32;
export const frameBytes = 24 + pageBytes;

/** The WAL format with checksums over little-endian words, which SQLite writes on a little-endian machine. */
const magicLittleEndian = 0x377f0682;
export const walFormatVersion = 3_007_000;

/**
 * SQLite's WAL checksum (file format 4.2) over `words[from..to)`, continued from `start`. Correct on little-endian
 * machines only, since the words have the machine's byte order.
 */
export function walChecksum(words: Uint32Array, from: number, to: number, start: WordPair): WordPair {
  let [a, b] = start;
  for (let i = from; i < to; i += 2) {
    a = (a + (words[i] ?? 0) + b) >>> 0;
    b = (b + (words[i + 1] ?? 0) + a) >>> 0;
  }
  return [a, b];
}

/** The 32 bytes at the start of a WAL (file format 4.1) and their checksum, on which the first frame's builds. */
export function walHeader(checkpoint: number, salts: WordPair): { bytes: Uint8Array; checksum: WordPair } {
  const bytes = new Uint8Array(walHeaderBytes);
  const view = new DataView(bytes.buffer);
  const fields = [magicLittleEndian, walFormatVersion, pageBytes, checkpoint, ...salts];
  fields.forEach((value, i) => {
    view.setUint32(i * 4, value);
  });
  const checksum = walChecksum(new Uint32Array(bytes.buffer), 0, 6, [0, 0]);
  view.setUint32(24, checksum[0]);
  view.setUint32(28, checksum[1]);
  return { bytes, checksum };
}

/**
 * The frames of one transaction (file format 4.1), the last one marked as its commit with the database's size in
 * pages; `previous` is the checksum of the frame, or the header, before them.
 */
export function transactionFrames(
  pages: readonly FramePage[],
  pageCount: number,
  salts: WordPair,
  previous: WordPair,
): { bytes: Uint8Array; checksum: WordPair } {
  const bytes = new Uint8Array(pages.length * frameBytes);
  const view = new DataView(bytes.buffer);
  const words = new Uint32Array(bytes.buffer);
  let checksum = previous;
  pages.forEach((page, i) => {
    const at = i * frameBytes;
    view.setUint32(at, page.number);
    view.setUint32(at + 4, i === pages.length - 1 ? pageCount : 0);
    view.setUint32(at + 8, salts[0]);
    view.setUint32(at + 12, salts[1]);
    bytes.set(page.bytes, at + 24);
    checksum = walChecksum(words, at / 4, at / 4 + 2, checksum);
    checksum = walChecksum(words, at / 4 + 6, (at + frameBytes) / 4, checksum);
    view.setUint32(at + 16, checksum[0]);
    view.setUint32(at + 20, checksum[1]);
  });
  return { bytes, checksum };
}
