/** opencode's page size, and SQLite's default. */
export const pageBytes = 4096;

/**
 * A database file kept in memory that knows which of its pages were written.
 *
 * sql.js keeps the object it is given as the contents of its in-memory file: it needs `length` and `slice()` while
 * opening, `subarray()` to read, `set()` to write, and replaces the object only when a write goes past `length`
 * (Emscripten's MEMFS, as in sql.js 1.16.0). So `length` is the file's size while it is opened and more than any
 * database's afterwards, and every page write of SQLite comes through `set()`.
 */
export class PageImage {
  #bytes: Uint8Array;
  #opened = false;
  readonly #initialBytes: number;
  readonly #written = new Set<number>();

  constructor(initial: Uint8Array) {
    this.#bytes = initial.slice();
    this.#initialBytes = initial.length;
  }

  get length(): number {
    return this.#opened ? Number.MAX_SAFE_INTEGER : this.#initialBytes;
  }

  slice(): this {
    return this;
  }

  subarray(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  set(bytes: Uint8Array, at: number): void {
    this.#reserve(at + bytes.length);
    this.#bytes.set(bytes, at);
    const last = Math.floor((at + bytes.length - 1) / pageBytes);
    for (let page = Math.floor(at / pageBytes); page <= last; page++) this.#written.add(page + 1);
  }

  /** To be called once sql.js has taken the image as its file: from now on it may grow. */
  opened(): void {
    this.#opened = true;
  }

  /** The numbers (from 1, ascending) of the pages written since the last call. */
  takeWritten(): number[] {
    const pages = [...this.#written].sort((a, b) => a - b);
    this.#written.clear();
    return pages;
  }

  /** The bytes of page `number` (from 1); a view, good until the next write. */
  page(number: number): Uint8Array {
    return this.#bytes.subarray((number - 1) * pageBytes, number * pageBytes);
  }

  /** The database's size in pages, from its header (file format 1.3.8: offset 28, big-endian). */
  get pageCount(): number {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getUint32(28);
  }

  #reserve(neededBytes: number): void {
    if (neededBytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(neededBytes, this.#bytes.length * 2, 1 << 20));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
