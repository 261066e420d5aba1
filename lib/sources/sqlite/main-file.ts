import type { SnapshotLayout } from './database-image.ts';
import { SnapshotError, TornSnapshot } from './problem.ts';
import { type FileStamp, ReadOnlyFile } from './read-only-file.ts';
import { isPageSize } from './wal-format.ts';

/**
 * The main database file where no WAL counts.
 * https://sqlite.org/fileformat2.html section 1.3 "The Database Header" and section 3 "The Rollback Journal".
 */

/** What the first 100 bytes say. */
export interface MainHeader extends SnapshotLayout {
  /** Goes up with each transaction of a rollback-journal database; in WAL mode only now and then. */
  readonly changeCounter: number;
  /** Written by WAL users, who leave no other trace of a change than the file's time. */
  readonly isWalFormat: boolean;
}

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
const JOURNAL_MAGIC = 'd9d505f920a163d7';

/** Kernels stamp files with a clock that ticks every 1 to 10 ms: within a tick, changes look like none. */
const SETTLED_AFTER_MS = 20;

/**
 * The header of the main file. Throws SnapshotError where the file is no database, and `busy` while a rollback
 * journal at `journalPath` says that a transaction is being written, or was when its writer died.
 */
export function readMainHeader(main: ReadOnlyFile, journalPath?: string): MainHeader {
  const bytes = new Uint8Array(HEADER_BYTES);
  const got = main.read(bytes, 0, HEADER_BYTES);
  if (got === 0) throw new SnapshotError('empty', `${main.path} is empty`);
  const isDatabase = Buffer.from(bytes.subarray(0, 16)).toString('latin1') === MAGIC;
  if (!isDatabase) throw new SnapshotError('not-sqlite', `${main.path} is not an SQLite database`);
  if (got < HEADER_BYTES) throw new SnapshotError('truncated', `${main.path} ends within its header`);
  if (journalPath !== undefined && hasHotJournal(journalPath)) {
    throw new SnapshotError('busy', `${journalPath} is in use: a writer is at work, or died at it`);
  }
  const view = new DataView(bytes.buffer);
  const stored = view.getUint16(16);
  const pageSize = stored === 1 ? 65536 : stored;
  if (!isPageSize(pageSize))
    throw new SnapshotError('corrupt', `${main.path} has pages of ${pageSize} bytes`);
  const changeCounter = view.getUint32(24);
  const pagesInFile = Math.floor(main.sizeBytes() / pageSize);
  const pagesInHeader = view.getUint32(28);
  // Section 1.3.7: writers before 3.7.0 leave the page count stale, and this tells.
  const isCountValid = pagesInHeader > 0 && changeCounter === view.getUint32(92);
  return {
    pageSize,
    pageCount: isCountValid ? pagesInHeader : pagesInFile,
    changeCounter,
    isWalFormat: view.getUint8(18) === 2,
  };
}

/** Throws TornSnapshot while a file without WAL was written so lately that its time could hide another write. */
export function settledOrTorn(main: FileStamp, header: MainHeader, nowMs: number): void {
  const ageMs = nowMs - Number(main.modifiedNs / 1_000_000n);
  if (header.isWalFormat && Math.abs(ageMs) < SETTLED_AFTER_MS) {
    throw new TornSnapshot('it was written within the last milliseconds');
  }
}

function hasHotJournal(path: string): boolean {
  const journal = new ReadOnlyFile(path);
  try {
    if (journal.look() === undefined) return false;
    const start = new Uint8Array(8);
    journal.read(start, 0, 8);
    return Buffer.from(start).toString('hex') === JOURNAL_MAGIC;
  } finally {
    journal.close();
  }
}
