import type { SnapshotLayout } from './database-image.ts';
import { SnapshotError, TornSnapshot } from './problem.ts';
import { type FileStamp, ReadOnlyFile } from './read-only-file.ts';
import { isPageSize } from './wal-format.ts';

/**
 * The header of the main database file.
 * https://sqlite.org/fileformat2.html section 1.3 "The Database Header" and section 3 "The Rollback Journal".
 */

/** The header in the first 100 bytes. */
export interface MainHeader extends SnapshotLayout {
  /** Rises with each transaction of a rollback-journal database; in WAL mode only now and then. */
  readonly changeCounter: number;
  /** True if the file was written in WAL mode. Then a change shows only in the file's modification time. */
  readonly isWalFormat: boolean;
}

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
const JOURNAL_MAGIC = 'd9d505f920a163d7';

/** Kernels stamp files with a clock that ticks every 1 to 10 ms, so a second change within a tick is invisible. */
const SETTLED_AFTER_MS = 20;

/**
 * Reads the header of the main file. Throws SnapshotError if the file is no database, and `busy` if a hot rollback
 * journal exists at `journalPath`: a transaction is being written, or its writer died.
 */
export function readMainHeader(main: ReadOnlyFile, journalPath?: string): MainHeader {
  const bytes = new Uint8Array(HEADER_BYTES);
  const got = main.read(bytes, 0, HEADER_BYTES);
  if (got === 0) throw new SnapshotError('empty', `${main.path} is empty`);
  const isDatabase = Buffer.from(bytes.subarray(0, 16)).toString('latin1') === MAGIC;
  if (!isDatabase) throw new SnapshotError('not-sqlite', `${main.path} is not an SQLite database`);
  if (got < HEADER_BYTES) throw new SnapshotError('truncated', `${main.path} ends within its header`);
  if (journalPath !== undefined && hasHotJournal(journalPath)) {
    throw new SnapshotError(
      'busy',
      `${journalPath} is in use: a writer is at work, or was killed while it wrote`,
    );
  }
  const view = new DataView(bytes.buffer);
  const stored = view.getUint16(16);
  const pageSize = stored === 1 ? 65536 : stored;
  if (!isPageSize(pageSize))
    throw new SnapshotError('corrupt', `${main.path} has an invalid page size of ${pageSize} bytes`);
  const changeCounter = view.getUint32(24);
  const pagesInFile = Math.floor(main.sizeBytes() / pageSize);
  const pagesInHeader = view.getUint32(28);
  // Section 1.3.7: writers before 3.7.0 leave the page count stale. Then the two counters differ.
  const isCountValid = pagesInHeader > 0 && changeCounter === view.getUint32(92);
  return {
    pageSize,
    pageCount: isCountValid ? pagesInHeader : pagesInFile,
    changeCounter,
    isWalFormat: view.getUint8(18) === 2,
  };
}

/**
 * Throws TornSnapshot if a file without a WAL was written so recently that its modification time could hide another
 * write.
 */
export function requireSettledTime(main: FileStamp, header: MainHeader, nowMs: number): void {
  const ageMs = nowMs - Number(main.modifiedNs / 1_000_000n);
  if (header.isWalFormat && Math.abs(ageMs) < SETTLED_AFTER_MS) {
    throw new TornSnapshot('it was written within the last milliseconds');
  }
}

function hasHotJournal(path: string): boolean {
  const journal = new ReadOnlyFile(path);
  try {
    if (journal.reopen() === undefined) return false;
    const start = new Uint8Array(8);
    journal.read(start, 0, 8);
    return Buffer.from(start).toString('hex') === JOURNAL_MAGIC;
  } finally {
    journal.close();
  }
}
