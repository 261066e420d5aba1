import { LRUCache } from 'lru-cache';

/** Large enough that a refresh after a small commit reads little more than the commit wrote. */
const CACHE_BYTES = 8 * 1024 * 1024;

/** Memory is allocated in pieces of this size when it is needed. */
const PIECE_BYTES = 256 * 1024;

/**
 * An LRU cache of pages that reuses its buffers. A new buffer for each page would become garbage that stays in memory
 * for a long time, since a buffer looks small to the garbage collector.
 */
export class PageCache {
  readonly #pages: LRUCache<number, Uint8Array>;
  readonly #pageSize: number;
  readonly #free: Uint8Array[] = [];
  #allocatedPages = 0;

  constructor(pageSize: number) {
    this.#pageSize = pageSize;
    this.#pages = new LRUCache({ max: CACHE_BYTES / pageSize, dispose: (page) => this.#free.push(page) });
  }

  /** Returns the cached bytes of a page; undefined if it is not cached. */
  get(pageNumber: number): Uint8Array | undefined {
    return this.#pages.get(pageNumber);
  }

  /** True if a page is cached. Does not count as a use of it. */
  has(pageNumber: number): boolean {
    return this.#pages.has(pageNumber);
  }

  /**
   * Returns a buffer for a page that is not cached yet; evicts the least recently used page if the cache is full. The
   * buffer holds old bytes: fill it, or delete the page.
   */
  allocate(pageNumber: number): Uint8Array {
    if (this.#free.length === 0) this.#addFreeBuffers();
    const page = this.#free.pop();
    if (page === undefined) throw new RangeError('no room for a page');
    this.#pages.set(pageNumber, page);
    return page;
  }

  /** Removes a page, if it is cached. */
  delete(pageNumber: number): void {
    this.#pages.delete(pageNumber);
  }

  /** Removes all pages. */
  clear(): void {
    this.#pages.clear();
  }

  #addFreeBuffers(): void {
    if (this.#allocatedPages >= this.#pages.max) {
      this.#pages.pop();
      return;
    }
    const piece = new Uint8Array(Math.max(PIECE_BYTES, this.#pageSize));
    for (let start = 0; start < piece.length; start += this.#pageSize)
      this.#free.push(piece.subarray(start, start + this.#pageSize));
    this.#allocatedPages += piece.length / this.#pageSize;
  }
}
