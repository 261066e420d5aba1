/** The key of a row on a written page, and the session that it belongs to. */
export interface RowOwner {
  readonly key: string;
  readonly sessionId: string;
}

/**
 * The cells of a page that belong to sessions, by fingerprint: `rows` of a table page, `entries` (session ids) of an
 * index page.
 */
export interface PageFingerprints {
  readonly rows: ReadonlyMap<number, RowOwner>;
  readonly entries: ReadonlyMap<number, string>;
}

/** A page without cells of sessions. */
export const emptyPage: PageFingerprints = { rows: new Map(), entries: new Map() };

/**
 * Above these sizes the rows and pages that were written longest ago are evicted; they count as new when written again.
 */
const maxRows = 4000;
const maxPages = 1000;

/**
 * The fingerprints of rows and index entries on written pages, as of the last look. If a page is written again, only
 * its changed cells count. Correct only if no write is missed; after a missed write, call `clear`.
 */
export class RowFingerprints {
  readonly #rows = new Map<string, number>();
  readonly #pages = new Map<number, PageFingerprints>();
  #pageCount: number | undefined;
  #freePages: number | undefined;

  /** The last fingerprint of a row; undefined if the row is unknown. */
  row(id: string): number | undefined {
    return this.#rows.get(id);
  }

  /** Sets the fingerprint of a row, which is then the newest in eviction order. */
  setRow(id: string, fingerprint: number): void {
    this.#rows.delete(id);
    this.#rows.set(id, fingerprint);
  }

  /** The last fingerprints of a page; undefined if the page is unknown. */
  page(pageNumber: number): PageFingerprints | undefined {
    return this.#pages.get(pageNumber);
  }

  /** Sets the fingerprints of a page, which is then the newest in eviction order. */
  setPage(pageNumber: number, content: PageFingerprints): void {
    this.#pages.delete(pageNumber);
    this.#pages.set(pageNumber, content);
  }

  /** All known pages, by page number. */
  pages(): ReadonlyMap<number, PageFingerprints> {
    return this.#pages;
  }

  /** The number of pages of the database; undefined before the first look. */
  get pageCount(): number | undefined {
    return this.#pageCount;
  }

  /** The number of free pages; undefined before the first look. */
  get freePages(): number | undefined {
    return this.#freePages;
  }

  /** Sets the number of pages and of free pages of the database. */
  setCounts(pageCount: number, freePages: number | undefined): void {
    this.#pageCount = pageCount;
    this.#freePages = freePages;
  }

  /** Adds newer fingerprints and counts, then evicts down to the limits. */
  take(later: RowFingerprints): void {
    this.setCounts(later.#pageCount ?? 0, later.#freePages);
    for (const [id, fingerprint] of later.#rows) this.setRow(id, fingerprint);
    for (const [page, content] of later.#pages) this.setPage(page, content);
    evict(this.#rows, maxRows);
    evict(this.#pages, maxPages);
  }

  /** Drops all fingerprints and counts. */
  clear(): void {
    this.#rows.clear();
    this.#pages.clear();
    this.#pageCount = undefined;
    this.#freePages = undefined;
  }
}

/** Evicts the oldest keys until at most `max` are left. */
function evict<K>(map: Map<K, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}

/** The 32-bit FNV-1a hash of the bytes `from` to `to` (exclusive). */
export function fingerprintOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let index = from; index < to; index += 1) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}
