/** A row of a written page: its id, and the session that it is of. */
export interface RowOwner {
  readonly key: string;
  readonly sessionId: string;
}

/** What a page held of sessions, by the fingerprints of its cells: of a table rows, of an index the session of each entry. */
export interface PageFingerprints {
  readonly rows: ReadonlyMap<number, RowOwner>;
  readonly entries: ReadonlyMap<number, string>;
}

/** Of no session. */
export const emptyPage: PageFingerprints = { rows: new Map(), entries: new Map() };

/** Rows and pages beyond these are forgotten, the ones longest not written first: they count as new when written again. */
const maxRows = 4000;
const maxPages = 1000;

/**
 * What written pages held when they were last looked at: so that of a page that is written again only what changed on it
 * counts. Right only as long as every write is looked at; else it must be forgotten as a whole.
 */
export class RowFingerprints {
  readonly #rows = new Map<string, number>();
  readonly #pages = new Map<number, PageFingerprints>();
  #pageCount: number | undefined;
  #freePages: number | undefined;

  /** The fingerprint of a row as last seen. */
  row(id: string): number | undefined {
    return this.#rows.get(id);
  }

  setRow(id: string, fingerprint: number): void {
    this.#rows.delete(id);
    this.#rows.set(id, fingerprint);
  }

  /** What a page held; `undefined` where it was not seen. */
  page(pageNumber: number): PageFingerprints | undefined {
    return this.#pages.get(pageNumber);
  }

  setPage(pageNumber: number, content: PageFingerprints): void {
    this.#pages.delete(pageNumber);
    this.#pages.set(pageNumber, content);
  }

  /** All that were seen, by their numbers. */
  pages(): ReadonlyMap<number, PageFingerprints> {
    return this.#pages;
  }

  /** How many pages the database had; `undefined` before anything was seen. */
  get pageCount(): number | undefined {
    return this.#pageCount;
  }

  /** How many of them were free. */
  get freePages(): number | undefined {
    return this.#freePages;
  }

  setCounts(pageCount: number, freePages: number | undefined): void {
    this.#pageCount = pageCount;
    this.#freePages = freePages;
  }

  /** Takes over what was seen later. */
  take(later: RowFingerprints): void {
    this.setCounts(later.#pageCount ?? 0, later.#freePages);
    for (const [id, fingerprint] of later.#rows) this.setRow(id, fingerprint);
    for (const [page, content] of later.#pages) this.setPage(page, content);
    forget(this.#rows, maxRows);
    forget(this.#pages, maxPages);
  }

  clear(): void {
    this.#rows.clear();
    this.#pages.clear();
    this.#pageCount = undefined;
    this.#freePages = undefined;
  }
}

/** Deletes what was set first. */
function forget<K>(map: Map<K, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}

/** A number by which bytes are told from other bytes: FNV-1a of 32 bits. */
export function fingerprintOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let index = from; index < to; index += 1) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}
