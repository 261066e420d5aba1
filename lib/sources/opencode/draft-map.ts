/**
 * A map whose changes are drafts until `commit`. A query over a snapshot may run more than once, and a rejected run
 * must leave no trace.
 */
export class DraftMap<K, V> {
  readonly #committed = new Map<K, V>();
  readonly #draft = new Map<K, V | undefined>();

  /** The value of a key, drafts included; undefined if it is absent or its deletion is a draft. */
  get(key: K): V | undefined {
    return this.#draft.has(key) ? this.#draft.get(key) : this.#committed.get(key);
  }

  /** Sets a value as a draft. */
  set(key: K, value: V): void {
    this.#draft.set(key, value);
  }

  /** Deletes a key as a draft. */
  delete(key: K): void {
    this.#draft.set(key, undefined);
  }

  /** The number of entries, drafts included. Walks all drafts. */
  get size(): number {
    let size = this.#committed.size;
    for (const [key, value] of this.#draft) {
      if (value === undefined) size -= this.#committed.has(key) ? 1 : 0;
      else size += this.#committed.has(key) ? 0 : 1;
    }
    return size;
  }

  /** The keys of all entries, drafts included. */
  keys(): K[] {
    const committed = [...this.#committed.keys()];
    if (this.#draft.size === 0) return committed;
    const drafted = [...this.#draft].flatMap(([key, value]) => (value === undefined ? [] : [key]));
    return [...committed.filter((key) => !this.#draft.has(key)), ...drafted];
  }

  /** All entries, drafts included. */
  *entries(): Generator<[K, V]> {
    for (const [key, value] of this.#committed) {
      if (!this.#draft.has(key)) yield [key, value];
    }
    for (const [key, value] of this.#draft) {
      if (value !== undefined) yield [key, value];
    }
  }

  /** The drafts since the last `commit` or `rollback`, by key; undefined stands for a deletion. */
  changes(): ReadonlyMap<K, V | undefined> {
    return this.#draft;
  }

  /** The committed value of a key, drafts excluded; undefined if it has none. */
  committed(key: K): V | undefined {
    return this.#committed.get(key);
  }

  /** Makes the drafts part of the map. */
  commit(): void {
    for (const [key, value] of this.#draft) {
      if (value === undefined) this.#committed.delete(key);
      else this.#committed.set(key, value);
    }
    this.#draft.clear();
  }

  /** Drops the drafts. */
  rollback(): void {
    this.#draft.clear();
  }
}
