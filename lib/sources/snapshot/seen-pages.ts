/** A session's entries on one index page: how many, and a print of them in their order. */
export interface Entries {
  readonly count: number;
  readonly print: number;
}

/** The entries of each session on one index page. */
export type PageEntries = ReadonlyMap<string, Entries>;

/** Rows and pages beyond these are forgotten, the ones longest not written first: they count as new when written again. */
const mostRows = 4000;
const mostPages = 1000;

/**
 * What written pages held when they were last looked at: so that of a page that is written again only what changed on it
 * counts. Right only as long as every write is looked at; else it must be forgotten as a whole.
 */
export class SeenPages {
  readonly #rows = new Map<string, number>();
  readonly #entries = new Map<number, PageEntries>();
  readonly #rowsOn = new Map<number, ReadonlyMap<string, string>>();
  #pageCount: number | undefined;
  #freePages: number | undefined;

  /** The fingerprint of a row as last seen. */
  row(id: string): number | undefined {
    return this.#rows.get(id);
  }

  setRow(id: string, print: number): void {
    this.#rows.delete(id);
    this.#rows.set(id, print);
  }

  entries(pageNumber: number): PageEntries | undefined {
    return this.#entries.get(pageNumber);
  }

  setEntries(pageNumber: number, entries: PageEntries): void {
    this.#entries.delete(pageNumber);
    this.#entries.set(pageNumber, entries);
  }

  /** The ids of a page's rows with the sessions that they are of; none on a page that is no leaf of a table. */
  rowsOn(pageNumber: number): ReadonlyMap<string, string> | undefined {
    return this.#rowsOn.get(pageNumber);
  }

  setRowsOn(pageNumber: number, rows: ReadonlyMap<string, string>): void {
    this.#rowsOn.delete(pageNumber);
    this.#rowsOn.set(pageNumber, rows);
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
  take(later: SeenPages): void {
    this.setCounts(later.#pageCount ?? 0, later.#freePages);
    for (const [page, rows] of later.#rowsOn) this.setRowsOn(page, rows);
    forget(this.#rowsOn, mostPages);
    for (const [id, print] of later.#rows) this.setRow(id, print);
    for (const [page, entries] of later.#entries) this.setEntries(page, entries);
    forget(this.#rows, mostRows);
    forget(this.#entries, mostPages);
  }

  clear(): void {
    this.#rows.clear();
    this.#entries.clear();
    this.#rowsOn.clear();
    this.#pageCount = undefined;
    this.#freePages = undefined;
  }
}

/** Deletes what was set first. */
function forget<K>(map: Map<K, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

/** What the print of no bytes is. */
export const noPrint = 0x811c9dc5;

/** A number by which bytes are told from other bytes: FNV-1a of 32 bits. It goes on from the print of those before them. */
export function fingerprint(bytes: Uint8Array, from: number, to: number, before = noPrint): number {
  let hash = before;
  for (let index = from; index < to; index += 1) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}
