import type { ReadOnlyFile } from './read-only-file.ts';
import { frameOffset, type WalFrames } from './wal.ts';
import { checksum, FRAME_HEADER_BYTES, parseFrameHeader, type Sums, wordsOf } from './wal-format.ts';

/**
 * Finds what is committed in a WAL that has no wal-index: after a crash on another machine, in a copy, beside a writer that
 * keeps the wal-index to itself. Every frame's checksum must be right up to a commit frame, so all of it is read: 0.4 s
 * for 400 MB, hence in slices. https://sqlite.org/fileformat2.html section 4.2 "Checksum Algorithm".
 */

/** How far a scan came. */
export type ScanResult = 'nothing new' | 'new commits' | 'unfinished';

/** How much is read at a time. */
const chunkBytes = 1024 * 1024;

export class WalScan {
  readonly #file: ReadOnlyFile;
  readonly #frames: WalFrames;
  /** Pages and checksum of what was read behind the last commit; a scan that came to the end begins there again. */
  #open: number[] = [];
  #sums: Sums | undefined;

  constructor(file: ReadOnlyFile, frames: WalFrames) {
    this.#file = file;
    this.#frames = frames;
  }

  /** The part of the file that was read, 0 to 1. */
  get progress(): number {
    return this.#nextOffset / Math.max(1, this.#file.sizeBytes());
  }

  /** Goes on after the frames that are known, until there are no more or `isOver`; `unfinished`: call again. */
  run(isOver: () => boolean): ScanResult {
    const before = this.#frames.frameCount;
    this.#sums ??= this.#frames.seed();
    while (this.#readChunk(this.#sums)) if (isOver()) return 'unfinished';
    this.#open = [];
    this.#sums = undefined;
    return this.#frames.frameCount > before ? 'new commits' : 'nothing new';
  }

  /** Takes in the frames of one chunk; false at the first that does not count, which is the end. */
  #readChunk(seed: Sums): boolean {
    const { header } = this.#frames;
    const frameBytes = FRAME_HEADER_BYTES + header.pageSize;
    const bytes = new Uint8Array(Math.max(1, Math.floor(chunkBytes / frameBytes)) * frameBytes);
    const got = this.#file.read(bytes, this.#nextOffset, bytes.length);
    const view = new DataView(bytes.buffer);
    const words = wordsOf(bytes, header.isBigEndian);
    let sums = seed;
    for (let at = 0; at < bytes.length; at += frameBytes) {
      const frame = at + frameBytes <= got ? parseFrameHeader(view, at, header) : undefined;
      if (frame === undefined) return false;
      sums = checksum(words, at / 4, at / 4 + 2, sums);
      sums = checksum(words, (at + FRAME_HEADER_BYTES) / 4, (at + frameBytes) / 4, sums);
      if (sums[0] !== frame.checksum1 || sums[1] !== frame.checksum2) return false;
      this.#open.push(frame.pageNumber);
      if (frame.commitPageCount > 0) {
        this.#frames.commit(this.#open, frame.commitPageCount);
        this.#open = [];
      }
    }
    this.#sums = sums;
    return true;
  }

  get #nextOffset(): number {
    return frameOffset(this.#frames.header, this.#frames.frameCount + this.#open.length + 1);
  }
}
