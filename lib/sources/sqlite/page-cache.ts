import { LRUCache } from 'lru-cache';

/** Kept of what was read, so that a refresh after a small commit reads little more than the commit wrote. */
const CACHE_BYTES = 8 * 1024 * 1024;

/** Memory is taken in pieces of this size, as far as it is needed. */
const PIECE_BYTES = 256 * 1024;

/**
 * Pages by their number, in memory that is used again and again: a buffer for each page that is read would be garbage that
 * the collector leaves lying for a long time, since to it a buffer looks small. The page asked for longest ago makes room.
 */
export class PageCache {
  readonly #pages: LRUCache<number, Uint8Array>;
  readonly #pageSize: number;
  readonly #free: Uint8Array[] = [];
  #taken = 0;

  constructor(pageSize: number) {
    this.#pageSize = pageSize;
    this.#pages = new LRUCache({ max: CACHE_BYTES / pageSize, dispose: (page) => this.#free.push(page) });
  }

  /** The bytes kept of a page; undefined if it is not kept. */
  get(pageNumber: number): Uint8Array | undefined {
    return this.#pages.get(pageNumber);
  }

  /** True if a page is kept; does not count as asking for it. */
  has(pageNumber: number): boolean {
    return this.#pages.has(pageNumber);
  }

  /** Room for a page that is not kept yet, with whatever bytes were there: to be filled, or deleted. */
  room(pageNumber: number): Uint8Array {
    if (this.#free.length === 0) this.#makeRoom();
    const page = this.#free.pop();
    if (page === undefined) throw new RangeError('no room for a page');
    this.#pages.set(pageNumber, page);
    return page;
  }

  delete(pageNumber: number): void {
    this.#pages.delete(pageNumber);
  }

  clear(): void {
    this.#pages.clear();
  }

  #makeRoom(): void {
    if (this.#taken >= this.#pages.max) {
      this.#pages.pop();
      return;
    }
    const piece = new Uint8Array(Math.max(PIECE_BYTES, this.#pageSize));
    for (let start = 0; start < piece.length; start += this.#pageSize)
      this.#free.push(piece.subarray(start, start + this.#pageSize));
    this.#taken += piece.length / this.#pageSize;
  }
}
