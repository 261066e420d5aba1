import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Database, SqlJsStatic } from 'sql.js';
import { PageImage, pageBytes } from './page-image.ts';
import { frameBytes, transactionFrames, type WordPair, walHeader, walHeaderBytes } from './wal-frames.ts';
import { WalIndexFile } from './wal-index-file.ts';

/** How a `WalWriter` behaves where a caller cares. */
export interface WalWriterOptions {
  /** Gives 32 random bits: the salts of each new WAL. */
  readonly random32: () => number;
  /** After a commit that leaves at least this many frames, a checkpoint follows; 1000 as SQLite has it. */
  readonly checkpointFrames?: number;
}

/**
 * A live SQLite database in WAL mode on disk, written without native code: sql.js holds it in memory, and each
 * transaction's pages are appended to `-wal` and entered in `-shm` just as SQLite does (file format 4, walformat).
 *
 * Real SQLite can read it at any moment, also when this process is killed between two writes. It takes no locks:
 * there must be no second writer, and a reader must not hold a transaction open across a checkpoint.
 *
 * A whole file, exported by sql.js and renamed into place at each commit, costs the demo's dashboard three times the CPU
 * time (5.6 instead of 1.8 % of a core), since otop then reads everything again and draws three times as often.
 */
export class WalWriter {
  readonly #image: PageImage;
  readonly #database: Database;
  readonly #mainFd: number;
  readonly #walFd: number;
  readonly #index: WalIndexFile;
  readonly #random32: () => number;
  readonly #checkpointFrames: number;
  /** Pages that the WAL holds and the main file does not. */
  readonly #ahead = new Set<number>();
  #salts: WordPair;
  #checksum: WordPair = [0, 0];
  #checkpoints = 0;
  #frameCount = 0;

  /** Creates `path`, `path-wal` and `path-shm`, replacing what is there; throws what the file system throws. */
  constructor(sql: SqlJsStatic, path: string, options: WalWriterOptions) {
    this.#random32 = options.random32;
    this.#checkpointFrames = options.checkpointFrames ?? 1000;
    this.#salts = [this.#random32(), this.#random32()];
    this.#image = new PageImage(emptyDatabase());
    this.#database = openImage(sql, this.#image);
    this.#mainFd = openSync(path, 'w+', 0o644);
    this.#walFd = openSync(`${path}-wal`, 'w+', 0o644);
    this.#index = new WalIndexFile(`${path}-shm`);
    this.#writePageToMain(1);
    this.#index.restart(this.#header());
  }

  /** Runs `write` as one transaction and puts its pages on disk; an error in `write` is thrown on, nothing written. */
  commit(write: (database: Database) => void): void {
    this.#database.run('begin immediate');
    try {
      write(this.#database);
    } catch (error) {
      this.#database.run('rollback');
      throw error;
    }
    this.#database.run('commit');
    const pages = this.#image.takeWritten();
    if (pages.length === 0) return;
    if (this.#frameCount > 0 && this.#ahead.size === 0) this.#restart();
    this.#appendFrames(pages);
    if (this.#frameCount >= this.#checkpointFrames) this.checkpoint();
  }

  /** Copies the WAL's pages to the main file; the next commit starts the WAL again with new salts. */
  checkpoint(): void {
    this.#index.checkpointBegins(this.#frameCount);
    for (const page of [...this.#ahead].sort((a, b) => a - b)) this.#writePageToMain(page);
    ftruncateSync(this.#mainFd, this.#image.pageCount * pageBytes);
    this.#ahead.clear();
    this.#index.checkpointEnds(this.#frameCount);
  }

  /** Lets go of everything, leaving the three files as a killed process would. */
  close(): void {
    this.#database.close();
    this.#index.close();
    closeSync(this.#walFd);
    closeSync(this.#mainFd);
  }

  #appendFrames(pageNumbers: readonly number[]): void {
    if (this.#frameCount === 0) {
      const header = walHeader(this.#checkpoints, this.#salts);
      writeSync(this.#walFd, header.bytes, 0, header.bytes.length, 0);
      this.#checksum = header.checksum;
    }
    const pages = pageNumbers.map((number) => ({ number, bytes: this.#walPage(number) }));
    const frames = transactionFrames(pages, this.#image.pageCount, this.#salts, this.#checksum);
    writeSync(
      this.#walFd,
      frames.bytes,
      0,
      frames.bytes.length,
      walHeaderBytes + this.#frameCount * frameBytes,
    );
    this.#index.append(this.#frameCount + 1, pageNumbers);
    this.#frameCount += pages.length;
    this.#checksum = frames.checksum;
    for (const number of pageNumbers) this.#ahead.add(number);
    this.#index.publish(this.#header());
  }

  #restart(): void {
    this.#checkpoints++;
    this.#salts = [(this.#salts[0] + 1) >>> 0, this.#random32()];
    this.#frameCount = 0;
    this.#checksum = [0, 0];
    this.#index.restart(this.#header());
  }

  #header() {
    return {
      lastFrame: this.#frameCount,
      pageCount: this.#image.pageCount,
      frameChecksum: this.#checksum,
      salts: this.#salts,
    };
  }

  /** A page as it is on disk: bytes 18 and 19 say WAL there, and rollback journal to sql.js. */
  #walPage(number: number): Uint8Array {
    const page = this.#image.page(number);
    if (number !== 1) return page;
    const first = page.slice();
    first[18] = 2;
    first[19] = 2;
    return first;
  }

  #writePageToMain(number: number): void {
    writeSync(this.#mainFd, this.#walPage(number), 0, pageBytes, (number - 1) * pageBytes);
  }
}

/** A database of one page, without tables: the header (file format 1.3) and an empty leaf (1.6). */
function emptyDatabase(): Uint8Array {
  const page = new Uint8Array(pageBytes);
  const view = new DataView(page.buffer);
  page.set(Buffer.from('SQLite format 3\0'));
  view.setUint16(16, pageBytes);
  page.set([1, 1, 0, 64, 32, 32], 18);
  view.setUint32(28, 1);
  const tableLeaf = 0x0d;
  page[100] = tableLeaf;
  view.setUint16(105, pageBytes);
  return page;
}

/**
 * Opens the image in sql.js. Its journal is kept in memory and its lock for good, so that the database's file is the
 * only one it writes. The types want bytes; see `PageImage` for what is really used of them.
 */
function openImage(sql: SqlJsStatic, image: PageImage): Database {
  const database = new sql.Database(image as unknown as Uint8Array);
  image.opened();
  database.run('pragma locking_mode = exclusive');
  database.run('pragma journal_mode = memory');
  database.run('pragma synchronous = off');
  // Nothing before the commit: a rollback would else shorten the file, which replaces the image.
  database.run('pragma cache_spill = off');
  database.run('pragma user_version = 0');
  if (image.takeWritten().length === 0)
    throw new Error('this sql.js does not write through to the page image');
  return database;
}
