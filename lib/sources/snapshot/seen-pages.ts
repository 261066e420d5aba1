/** How many entries each session has on one index page. */
export type EntryCounts = ReadonlyMap<string, number>;

/** Rows and pages beyond these are forgotten, the ones longest not written first: they count as new when written again. */
const mostRows = 4000;
const mostPages = 1000;

/**
 * What written pages held when they were last looked at: so that of a page that is written again only what changed on it
 * counts. Right only as long as every write is looked at; else it must be forgotten as a whole.
 */
export class SeenPages {
  readonly #rows = new Map<string, number>();
  readonly #entries = new Map<number, EntryCounts>();

  /** The fingerprint of a row as last seen. */
  row(id: string): number | undefined {
    return this.#rows.get(id);
  }

  setRow(id: string, print: number): void {
    this.#rows.delete(id);
    this.#rows.set(id, print);
  }

  entries(pageNumber: number): EntryCounts | undefined {
    return this.#entries.get(pageNumber);
  }

  setEntries(pageNumber: number, counts: EntryCounts): void {
    this.#entries.delete(pageNumber);
    this.#entries.set(pageNumber, counts);
  }

  /** Takes over what was seen later. */
  take(later: SeenPages): void {
    for (const [id, print] of later.#rows) this.setRow(id, print);
    for (const [page, counts] of later.#entries) this.setEntries(page, counts);
    forget(this.#rows, mostRows);
    forget(this.#entries, mostPages);
  }

  clear(): void {
    this.#rows.clear();
    this.#entries.clear();
  }
}

/** Deletes what was set first. */
function forget<K>(map: Map<K, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

/** A number by which bytes are told from other bytes: FNV-1a of 32 bits. */
export function fingerprint(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let index = from; index < to; index += 1) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}
