import type { SnapshotLayout } from './database-image.ts';
import { readMainHeader, settledOrTorn } from './main-file.ts';
import { SnapshotError, TornSnapshot } from './problem.ts';
import { type FileStamp, ReadOnlyFile } from './read-only-file.ts';
import { pagesLeftAfter, WalFrames } from './wal.ts';
import { readWalHeader, type Salted, sameSalts, type WalHeader } from './wal-format.ts';
import type { WalIndexHeader } from './wal-index.ts';
import { WalIndexFile } from './wal-index-file.ts';
import { WalScan } from './wal-scan.ts';

/**
 * The files of one database, and what is committed in them. Which of three ways tells depends on what lies
 * beside the main file: a living wal-index, a WAL alone (a crash, a copy), or nothing (closed cleanly, or a
 * rollback-journal database). https://sqlite.org/walformat.html sections 1 and 2.
 */

/** What is committed at one look; cheap to get, `layout` does the work. */
export interface CommittedState {
  /** Equal for two looks only where nothing was committed between them. */
  readonly mark: string;
  readonly committed: Committed;
  /** What was written after an earlier moment; undefined where that cannot be told. */
  writtenSince(earlier: CommittedState): Written | undefined;
  /** Throws TornSnapshot where the files changed meanwhile, SnapshotError where they cannot be read. */
  layout(): SnapshotLayout;
  /** True where nothing that was read since could have been of a later commit. Ask after reading. */
  isStillCurrent(): boolean;
}

/** What was written between two moments. */
interface Written {
  /** The later moment's frames after this number. */
  readonly afterFrame: number;
  /** These pages, by frames that are gone: a generation ended between the moments. */
  readonly pages: readonly number[];
}

/** Which frames of which generation of which WAL are committed at a state. */
interface Committed {
  /** Equal for two moments whose frames are numbered alike. */
  readonly walId: string;
  readonly frameCount: number;
  /** By which the generation that follows is known; absent without a wal-index. */
  readonly walIndex?: Salted & { readonly identity: string; readonly pageSize: number };
}

/** A WAL without wal-index is read for so long at a time. */
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

  /** What is committed now. Throws SnapshotError or TornSnapshot, as `CommittedState.layout` does. */
  look(): CommittedState {
    const main = this.#lookAtMain();
    const wal = this.#wal.look();
    const walIndex = this.#walIndex.look();
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
  #lookAtMain(): FileStamp {
    const { openings } = this.main;
    const stamp = this.main.look();
    if (stamp === undefined) throw new SnapshotError('missing', `there is no file ${this.main.path}`);
    if (this.main.openings === openings) return stamp;
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
    const mark = `main ${this.#identity} ${main.modifiedNs} ${main.sizeBytes} ${header.changeCounter}`;
    return {
      mark,
      committed: { walId: mark, frameCount: 0 },
      writtenSince: (earlier) => (earlier.mark === mark ? { afterFrame: 0, pages: [] } : undefined),
      layout: () => {
        settledOrTorn(main, header, this.#nowMs());
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
    const walId = `wal ${identity} ${salt1} ${salt2}`;
    const committed = { walId, frameCount, walIndex: { identity, salt1, salt2, pageSize } };
    return {
      mark: `wal-index ${identity} ${index.fingerprint}`,
      committed,
      writtenSince: (earlier) => this.#writtenBetween(earlier.committed, committed),
      layout: () => {
        try {
          return this.#layoutOfIndex(index);
        } catch (error) {
          if (error instanceof TornSnapshot) this.#walIndex.noteMisfit(index);
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
    // A header that was read once stays as long as its generation; that this lasts, the last frame and `stands` tell.
    const isKnown = known !== undefined && sameSalts(known, index) && index.frameCount > 0;
    const header = isKnown ? known : readWalHeader(this.#wal);
    if (index.frameCount === 0) {
      // A writer that begins the WAL anew counts salt-1 up in the wal-index first and in the WAL later.
      const isAnew = header === undefined || index.salt1 === (header.salt1 + 1) >>> 0;
      if (!isAnew && !sameSalts(header, index)) throw new TornSnapshot('the wal-index is of another WAL');
      return readMainHeader(this.main);
    }
    if (header === undefined || !sameSalts(header, index) || header.pageSize !== index.pageSize) {
      throw new TornSnapshot('the wal-index is of another WAL');
    }
    const frames = this.#framesOf(header, index.frameCount);
    const pages = this.#walIndex.pageNumbers(frames.frameCount + 1, index);
    if (pages === undefined) throw new TornSnapshot('the wal-index does not reach as far as it says');
    frames.extendTo(index, pages);
    return { pageSize: header.pageSize, pageCount: frames.pageCount, frames };
  }

  #stateOfScan(main: FileStamp): CommittedState {
    const header = readWalHeader(this.#wal);
    const frames = header === undefined ? undefined : this.#scanned(header);
    const frameCount = frames?.frameCount ?? 0;
    const walId = `wal ${this.#identity} ${header?.salt1} ${header?.salt2}`;
    const committed = { walId, frameCount };
    // Without a WAL that counts only the main file's own time tells of a change.
    const time = frameCount === 0 ? main.modifiedNs : '';
    return {
      mark: `scan ${walId} ${frameCount} ${time}`,
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
        // Nothing committed after our frames: so no checkpoint can have put anything newer into the main file.
        if (frames !== undefined && this.#runScan(frames) !== 'nothing new') return false;
        return frameCount > 0 || this.main.stamp()?.modifiedNs === main.modifiedNs;
      },
    };
  }

  /** The frames that checksums prove to be committed. Throws `busy` where a WAL takes longer to read than one slice. */
  #scanned(header: WalHeader): WalFrames {
    const frames = this.#framesOf(header);
    if (this.#runScan(frames) === 'unfinished') {
      const [done, megabytes] = [this.#scan?.progress ?? 0, this.#wal.sizeBytes() / 1e6];
      const words = `is read in steps, having no wal-index: ${Math.floor(done * 100)}% of ${Math.ceil(megabytes)} MB`;
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
   * A writer that finds the whole WAL in the main file begins it anew, with salt-1 counted up by one (file format,
   * "WAL Reset"). Then everything new is in the new frames and in those of the old ones that were not seen.
   */
  #writtenBetween(earlier: Committed, now: Committed): Written | undefined {
    if (earlier.walId === now.walId) {
      return earlier.frameCount <= now.frameCount ? { afterFrame: earlier.frameCount, pages: [] } : undefined;
    }
    const [old, fresh] = [earlier.walIndex, now.walIndex];
    const isNext =
      old !== undefined &&
      fresh?.identity === old.identity &&
      fresh.pageSize === old.pageSize &&
      fresh.salt1 === (old.salt1 + 1) >>> 0;
    const pages = isNext ? pagesLeftAfter(this.#wal, old, earlier.frameCount) : undefined;
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
