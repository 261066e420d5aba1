import { closeSync, openSync, writeSync } from 'node:fs';
import { pageBytes } from './page-image.ts';
import { type WordPair, walChecksum, walFormatVersion } from './wal-frames.ts';

/** What the wal-index says is committed. */
export interface WalIndexHeader {
  /** Number of the last committed frame, from 1; 0 for an empty WAL. */
  readonly lastFrame: number;
  readonly pageCount: number;
  readonly frameChecksum: WordPair;
  readonly salts: WordPair;
}

const blockBytes = 32_768;
/** Two header copies, the checkpoint's progress and the lock bytes (walformat 2.1, 2.2). */
const prefixBytes = 136;
const slotsPerBlock = 8192;
const hashOffset = 16_384;
const framesPerBlock = 4096;
/** The first block gives the room of 34 page numbers to the prefix. */
const firstBlockFrames = framesPerBlock - prefixBytes / 4;

const readMarkUnused = 0xffffffff;

/**
 * Writes a database's `-shm` as SQLite documents it (walformat): the header twice with its checksum, the progress of
 * checkpoints, and the hash tables from page to frame. It holds no lock, so it stands for a writer that readers can
 * follow, not for one that another writer may join.
 */
export class WalIndexFile {
  readonly #fd: number;
  readonly #blocks: Uint8Array[] = [];
  #changes = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'w+', 0o600);
    writeSync(this.#fd, new Uint8Array(blockBytes), 0, blockBytes, 0);
  }

  /** Enters frames `firstFrame`, `firstFrame + 1`, … for these pages; not visible before `publish`. */
  append(firstFrame: number, pageNumbers: readonly number[]): void {
    const touched = new Set<number>();
    pageNumbers.forEach((pageNumber, i) => {
      touched.add(this.#enter(firstFrame + i, pageNumber));
    });
    for (const block of touched) {
      const bytes = this.#blocks[block];
      const from = block === 0 ? prefixBytes : 0;
      if (bytes) writeSync(this.#fd, bytes, from, blockBytes - from, block * blockBytes + from);
    }
  }

  /** Makes what was appended count: the second copy of the header first, then the one readers look at first. */
  publish(header: WalIndexHeader): void {
    const bytes = new Uint8Array(48);
    const view = new DataView(bytes.buffer);
    this.#changes = (this.#changes + 1) >>> 0;
    view.setUint32(0, walFormatVersion, true);
    view.setUint32(8, this.#changes, true);
    bytes[12] = 1;
    view.setUint16(14, pageBytes, true);
    view.setUint32(16, header.lastFrame, true);
    view.setUint32(20, header.pageCount, true);
    view.setUint32(24, header.frameChecksum[0], true);
    view.setUint32(28, header.frameChecksum[1], true);
    // The salts are the WAL header's bytes as they are, big-endian.
    view.setUint32(32, header.salts[0]);
    view.setUint32(36, header.salts[1]);
    const checksum = walChecksum(new Uint32Array(bytes.buffer), 0, 10, [0, 0]);
    view.setUint32(40, checksum[0], true);
    view.setUint32(44, checksum[1], true);
    writeSync(this.#fd, bytes, 0, 48, 48);
    writeSync(this.#fd, bytes, 0, 48, 0);
  }

  /** Says that a checkpoint is about to copy frames up to `lastFrame` (`nBackfillAttempted`). */
  checkpointBegins(lastFrame: number): void {
    this.#writeWord(128, lastFrame);
  }

  /** Says that frames up to `lastFrame` are in the main file (`nBackfill`). */
  checkpointEnds(lastFrame: number): void {
    this.#writeWord(96, lastFrame);
  }

  /** The WAL starts again from its first frame, its content being in the main file. */
  restart(header: WalIndexHeader): void {
    this.publish(header);
    this.#writeWord(96, 0);
    this.#writeWord(128, 0);
    [0, 0, readMarkUnused, readMarkUnused, readMarkUnused].forEach((mark, i) => {
      this.#writeWord(100 + i * 4, mark);
    });
  }

  close(): void {
    closeSync(this.#fd);
  }

  #enter(frame: number, pageNumber: number): number {
    const block =
      frame <= firstBlockFrames ? 0 : 1 + Math.floor((frame - 1 - firstBlockFrames) / framesPerBlock);
    const framesBefore = block === 0 ? 0 : firstBlockFrames + (block - 1) * framesPerBlock;
    const index = frame - framesBefore;
    // A block's first frame clears what an earlier WAL left in it.
    const bytes =
      index === 1 ? new Uint8Array(blockBytes) : (this.#blocks[block] ?? new Uint8Array(blockBytes));
    this.#blocks[block] = bytes;
    const view = new DataView(bytes.buffer);
    view.setUint32((block === 0 ? prefixBytes : 0) + (index - 1) * 4, pageNumber, true);
    let slot = (pageNumber * 383) % slotsPerBlock;
    while (view.getUint16(hashOffset + slot * 2, true) !== 0) slot = (slot + 1) % slotsPerBlock;
    view.setUint16(hashOffset + slot * 2, index, true);
    return block;
  }

  #writeWord(at: number, value: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    writeSync(this.#fd, bytes, 0, 4, at);
  }
}
