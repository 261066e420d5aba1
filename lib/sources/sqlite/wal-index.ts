/**
 * Parses the wal-index (`-shm`): the committed frames of the WAL, the progress of checkpoints, and the page of each
 * frame.
 * https://sqlite.org/walformat.html sections "The WAL-Index Header" and "Hash Tables".
 * All numbers are in the byte order of the machine that writes it, except the salts, copied from the WAL.
 */
const WAL_INDEX_VERSION = 3007000;
const HEADER_BYTES = 48;

/** Two header copies of 48 bytes, then the checkpoint block of 40: enough for one poll. */
export const WAL_INDEX_HEADERS_BYTES = 136;

/** A valid wal-index header: its two copies are equal and its checksum is right. */
export interface WalIndexHeader {
  /** Frames 1 to this one of the WAL are committed; 0 if the WAL has no committed frame. */
  readonly frameCount: number;
  readonly pageSize: number;
  /** The database's page count after the last commit. */
  readonly pageCount: number;
  /** Salt-1 and salt-2 as the WAL's header stores them. */
  readonly salt1: number;
  readonly salt2: number;
  /** The running checksum at the last committed frame, as that frame's header stores it. */
  readonly checksum1: number;
  readonly checksum2: number;
  /** Frames up to this one may have been copied into the main file (`nBackfillAttempted`, offset 128). */
  readonly backfillAttempted: number;
  readonly isLittleEndian: boolean;
  /** The 48 bytes as text, to compare two polls: every commit changes them (`iChange`, offset 8). */
  readonly fingerprint: string;
}

/**
 * Parses the first 136 bytes of a `-shm` file. Returns undefined if the copies differ (a writer is between them), if
 * the checksum is wrong, or if it is not initialised (during recovery after a crash).
 */
export function parseWalIndex(bytes: Uint8Array): WalIndexHeader | undefined {
  if (bytes.length < WAL_INDEX_HEADERS_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < HEADER_BYTES; i += 4) {
    if (view.getUint32(i) !== view.getUint32(HEADER_BYTES + i)) return undefined;
  }
  const little = view.getUint32(0, true) === WAL_INDEX_VERSION;
  const isInitialised = bytes[12] !== 0;
  if ((!little && view.getUint32(0) !== WAL_INDEX_VERSION) || !isInitialised) return undefined;
  if (!hasRightChecksum(view, little)) return undefined;
  const storedSize = view.getUint16(14, little);
  return {
    frameCount: view.getUint32(16, little),
    // 65,536 does not fit into 16 bits: it is stored as 1.
    pageSize: storedSize === 1 ? 65536 : storedSize,
    pageCount: view.getUint32(20, little),
    checksum1: view.getUint32(24, little),
    checksum2: view.getUint32(28, little),
    salt1: view.getUint32(32),
    salt2: view.getUint32(36),
    backfillAttempted: view.getUint32(128, little),
    isLittleEndian: little,
    fingerprint: Buffer.from(bytes.buffer, bytes.byteOffset, HEADER_BYTES).toString('latin1'),
  };
}

function hasRightChecksum(view: DataView, little: boolean): boolean {
  let sum1 = 0;
  let sum2 = 0;
  for (let i = 0; i < 40; i += 8) {
    sum1 = (sum1 + view.getUint32(i, little) + sum2) >>> 0;
    sum2 = (sum2 + view.getUint32(i + 4, little) + sum1) >>> 0;
  }
  return sum1 === view.getUint32(40, little) && sum2 === view.getUint32(44, little);
}

/** A run of page numbers in the `-shm` file, for consecutive frames. */
interface PageNumberRun {
  readonly offset: number;
  readonly count: number;
}

const BLOCK_BYTES = 32768;
const FRAMES_PER_BLOCK = 4096;
/** The header at the start of the first block takes the space of 34 page numbers. */
const HEADER_PAGE_NUMBERS = WAL_INDEX_HEADERS_BYTES / 4;

/**
 * Returns the places of the page numbers of the frames `first` to `last`, counted from 1. Each block holds 4,096 of
 * them, then their hash table.
 */
export function pageNumberRuns(first: number, last: number): PageNumberRun[] {
  const runs: PageNumberRun[] = [];
  let place = first - 1 + HEADER_PAGE_NUMBERS;
  const end = last + HEADER_PAGE_NUMBERS;
  while (place < end) {
    const within = place % FRAMES_PER_BLOCK;
    const count = Math.min(FRAMES_PER_BLOCK - within, end - place);
    runs.push({ offset: Math.floor(place / FRAMES_PER_BLOCK) * BLOCK_BYTES + within * 4, count });
    place += count;
  }
  return runs;
}
