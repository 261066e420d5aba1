import type { SnapshotLayout } from './database-image.ts';
import { readMainHeader, requireSettledTime } from './main-file.ts';
import { SnapshotError, TornSnapshot } from './problem.ts';
import { type FileStamp, ReadOnlyFile } from './read-only-file.ts';
import { leftoverPagesAfter, WalFrames } from './wal.ts';
import { readWalHeader, sameSalts, type WalHeader, type WalSalts } from './wal-format.ts';
import type { WalIndexHeader } from './wal-index.ts';
import { WalIndexFile } from './wal-index-file.ts';
import { WalScan } from './wal-scan.ts';

/**
 * The files of one database, and the state that is committed in them. The state is read from a live wal-index, from the
 * WAL alone (after a crash, or in a copy), or from the main file alone (closed cleanly, or a rollback-journal
 * database).
 * https://sqlite.org/walformat.html sections 1 and 2.
 */

/** The state that was committed at one poll. It is cheap to get; `layout` does the work. */
export interface CommittedState {
  /** Equal for two polls only if nothing was committed between them. */
  readonly fingerprint: string;
  readonly committed: Committed;
  /** The pages that were written after an earlier state; undefined if they cannot be known. */
  writtenSince(earlier: CommittedState): Written | undefined;
  /** Throws TornSnapshot if the files changed meanwhile, SnapshotError if they cannot be read. */
  layout(): SnapshotLayout;
  /** True if nothing that was read since then can belong to a later commit. Call it after reading. */
  isStillCurrent(): boolean;
}

/** The pages that were written between two states. */
interface Written {
  /** The pages in the later state's frames after this number were written. */
  readonly afterFrame: number;
  /** Also these pages were written, by frames from before the WAL was reset. */
  readonly pages: readonly number[];
}

/** The frames of a WAL that are committed in a state. */
interface Committed {
  /** The WAL file and its salts as text. Frame numbers of two states are comparable only if it is equal. */
  readonly walSalts: string;
  readonly frameCount: number;
  /** Recognises the salts of the next WAL reset; absent without a wal-index. */
  readonly walIndex?: WalSalts & { readonly identity: string; readonly pageSize: number };
}

/** Limits one slice of reading a WAL that has no wal-index, in milliseconds. */
const SCAN_MS = 250;

export class DatabaseFiles {
  readonly main: ReadOnlyFile;
  #wal: ReadOnlyFile;
  #walIndex: WalIndexFile;
  #journalPath: string;
  #frames: WalFrames | undefined;
  #scan: WalScan | undefined;
  #identity = '';
  readonly #nowMs: () => number;

  constructor(path: string, nowMs: () => number) {
    this.#nowMs = nowMs;
    this.main = new ReadOnlyFile(path);
    this.#wal = new ReadOnlyFile(`${path}-wal`);
    this.#walIndex = new WalIndexFile(new ReadOnlyFile(`${path}-shm`));
    this.#journalPath = `${path}-journal`;
  }

  /** Returns the state that is committed now. Throws SnapshotError or TornSnapshot, like `CommittedState.layout`. */
  readCommittedState(): CommittedState {
    const main = this.#reopenMain();
    const wal = this.#wal.reopen();
    const walIndex = this.#walIndex.reopen();
    const identity = [main, wal, walIndex].map((stamp) => `${stamp?.device}:${stamp?.inode}`).join(' ');
    if (identity !== this.#identity) this.#frames = undefined;
    this.#identity = identity;
    if (wal === undefined) return this.#stateOfMain(main);
    const index = this.#walIndex.header();
    return index === undefined ? this.#stateOfScan(main) : this.#stateOfIndex(index);
  }

  close(): void {
    for (const file of [this.main, this.#wal, this.#walIndex]) file.close();
    this.#frames = undefined;
  }

  /** SQLite puts the WAL beside the file that a symbolic link leads to, not beside the link. */
  #reopenMain(): FileStamp {
    const { openCount } = this.main;
    const stamp = this.main.reopen();
    if (stamp === undefined) throw new SnapshotError('missing', `there is no file ${this.main.path}`);
    if (this.main.openCount === openCount) return stamp;
    const real = this.main.realPath();
    if (`${real}-wal` !== this.#wal.path) {
      this.#wal.close();
      this.#walIndex.close();
      this.#wal = new ReadOnlyFile(`${real}-wal`);
      this.#walIndex = new WalIndexFile(new ReadOnlyFile(`${real}-shm`));
      this.#journalPath = `${real}-journal`;
    }
    return stamp;
  }

  #stateOfMain(main: FileStamp): CommittedState {
    const header = readMainHeader(this.main, this.#journalPath);
    const fingerprint = `main ${this.#identity} ${main.modifiedNs} ${main.sizeBytes} ${header.changeCounter}`;
    return {
      fingerprint,
      committed: { walSalts: fingerprint, frameCount: 0 },
      writtenSince: (earlier) =>
        earlier.fingerprint === fingerprint ? { afterFrame: 0, pages: [] } : undefined,
      layout: () => {
        requireSettledTime(main, header, this.#nowMs());
        return header;
      },
      isStillCurrent: () => {
        const now = this.main.stamp();
        const isSame = now?.modifiedNs === main.modifiedNs && now?.sizeBytes === main.sizeBytes;
        if (!isSame || !this.#areInPlace()) return false;
        return readMainHeader(this.main, this.#journalPath).changeCounter === header.changeCounter;
      },
    };
  }

  #stateOfIndex(index: WalIndexHeader): CommittedState {
    const { salt1, salt2, pageSize, frameCount } = index;
    const identity = this.#identity;
    const walSalts = `wal ${identity} ${salt1} ${salt2}`;
    const committed = { walSalts, frameCount, walIndex: { identity, salt1, salt2, pageSize } };
    return {
      fingerprint: `wal-index ${identity} ${index.fingerprint}`,
      committed,
      writtenSince: (earlier) => this.#writtenBetween(earlier.committed, committed),
      layout: () => {
        try {
          return this.#layoutOfIndex(index);
        } catch (error) {
          if (error instanceof TornSnapshot) this.#walIndex.recordMismatch(index);
          throw error;
        }
      },
      isStillCurrent: () => this.#areInPlace() && this.#walIndex.isUntouchedSince(index),
    };
  }

  #layoutOfIndex(index: WalIndexHeader): SnapshotLayout {
    if (index.backfillAttempted > index.frameCount)
      throw new TornSnapshot('the wal-index contradicts itself');
    const known = this.#frames?.header;
    // The header stays the same as long as its salts do. The last frame and `isStillCurrent` check the salts.
    const isKnown = known !== undefined && sameSalts(known, index) && index.frameCount > 0;
    const header = isKnown ? known : readWalHeader(this.#wal);
    if (index.frameCount === 0) {
      // A writer that resets the WAL increments salt-1 in the wal-index first and in the WAL later.
      const isAnew = header === undefined || index.salt1 === (header.salt1 + 1) >>> 0;
      if (!isAnew && !sameSalts(header, index))
        throw new TornSnapshot('the wal-index belongs to another WAL');
      return readMainHeader(this.main);
    }
    if (header === undefined || !sameSalts(header, index) || header.pageSize !== index.pageSize) {
      throw new TornSnapshot('the wal-index belongs to another WAL');
    }
    const frames = this.#framesOf(header, index.frameCount);
    const pages = this.#walIndex.pageNumbers(frames.frameCount + 1, index);
    if (pages === undefined) throw new TornSnapshot('the wal-index has fewer entries than its header says');
    frames.extendTo(index, pages);
    return { pageSize: header.pageSize, pageCount: frames.pageCount, frames };
  }

  #stateOfScan(main: FileStamp): CommittedState {
    const header = readWalHeader(this.#wal);
    const frames = header === undefined ? undefined : this.#scanned(header);
    const frameCount = frames?.frameCount ?? 0;
    const walSalts = `wal ${this.#identity} ${header?.salt1} ${header?.salt2}`;
    const committed = { walSalts, frameCount };
    // If the WAL has no committed frame, only the main file's modification time shows a change.
    const time = frameCount === 0 ? main.modifiedNs : '';
    return {
      fingerprint: `scan ${walSalts} ${frameCount} ${time}`,
      committed,
      writtenSince: (earlier) => this.#writtenBetween(earlier.committed, committed),
      layout: () =>
        frames === undefined || frameCount === 0
          ? readMainHeader(this.main)
          : { pageSize: frames.header.pageSize, pageCount: frames.pageCount, frames },
      isStillCurrent: () => {
        const now = readWalHeader(this.#wal);
        const isSameWal = header === undefined ? now === undefined : now && sameSalts(now, header);
        if (!isSameWal || !this.#areInPlace() || this.#walIndex.header() !== undefined) return false;
        // Nothing was committed after our frames, so no checkpoint can have copied anything newer into the main file.
        if (frames !== undefined && this.#runScan(frames) !== 'nothing new') return false;
        return frameCount > 0 || this.main.stamp()?.modifiedNs === main.modifiedNs;
      },
    };
  }

  /**
   * Returns the frames that checksums prove to be committed. Throws `busy` if reading the WAL takes longer than one
   * slice.
   */
  #scanned(header: WalHeader): WalFrames {
    const frames = this.#framesOf(header);
    if (this.#runScan(frames) === 'unfinished') {
      const [done, megabytes] = [this.#scan?.progress ?? 0, this.#wal.sizeBytes() / 1e6];
      const words = `is read in steps because it has no wal-index: ${Math.floor(done * 100)}% of ${Math.ceil(megabytes)} MB`;
      throw new SnapshotError('busy', `${this.#wal.path} ${words}`);
    }
    return frames;
  }

  #runScan(frames: WalFrames): ReturnType<WalScan['run']> {
    this.#scan ??= new WalScan(this.#wal, frames);
    const untilMs = this.#nowMs() + SCAN_MS;
    return this.#scan.run(() => this.#nowMs() > untilMs);
  }

  /**
   * Returns the pages written between two states. A writer resets the WAL, with salt-1 incremented by one, once all of
   * it is in the main file (file format, "WAL Reset"). Then the new pages are in the new frames and in the unread old
   * ones.
   */
  #writtenBetween(earlier: Committed, now: Committed): Written | undefined {
    if (earlier.walSalts === now.walSalts) {
      return earlier.frameCount <= now.frameCount ? { afterFrame: earlier.frameCount, pages: [] } : undefined;
    }
    const [old, fresh] = [earlier.walIndex, now.walIndex];
    const isNext =
      old !== undefined &&
      fresh?.identity === old.identity &&
      fresh.pageSize === old.pageSize &&
      fresh.salt1 === (old.salt1 + 1) >>> 0;
    const pages = isNext ? leftoverPagesAfter(this.#wal, old, earlier.frameCount) : undefined;
    return pages && { afterFrame: 0, pages };
  }

  #framesOf(header: WalHeader, atMost = Number.POSITIVE_INFINITY): WalFrames {
    const known = this.#frames;
    const isKnown = known !== undefined && sameSalts(known.header, header);
    if (isKnown && known.header.pageSize === header.pageSize && known.frameCount <= atMost) return known;
    this.#frames = new WalFrames(this.#wal, header);
    this.#scan = undefined;
    return this.#frames;
  }

  #areInPlace(): boolean {
    return this.main.isInPlace() && this.#wal.isInPlace() && this.#walIndex.isInPlace();
  }
}
