/**
 * A map with changes laid over it that count only once they are kept: a query over a snapshot may run more than once, and
 * what a thrown-away try has seen must leave no trace.
 */
export class DraftMap<K, V> {
  readonly #committed = new Map<K, V>();
  readonly #draft = new Map<K, V | undefined>();

  get(key: K): V | undefined {
    return this.#draft.has(key) ? this.#draft.get(key) : this.#committed.get(key);
  }

  set(key: K, value: V): void {
    this.#draft.set(key, value);
  }

  delete(key: K): void {
    this.#draft.set(key, undefined);
  }

  get size(): number {
    let size = this.#committed.size;
    for (const [key, value] of this.#draft) {
      if (value === undefined) size -= this.#committed.has(key) ? 1 : 0;
      else size += this.#committed.has(key) ? 0 : 1;
    }
    return size;
  }

  /** The keys of everything that is there, changes included. */
  keys(): K[] {
    const committed = [...this.#committed.keys()];
    if (this.#draft.size === 0) return committed;
    const drafted = [...this.#draft].flatMap(([key, value]) => (value === undefined ? [] : [key]));
    return [...committed.filter((key) => !this.#draft.has(key)), ...drafted];
  }

  /** Everything that is there, changes included. */
  *entries(): Generator<[K, V]> {
    for (const [key, value] of this.#committed) {
      if (!this.#draft.has(key)) yield [key, value];
    }
    for (const [key, value] of this.#draft) {
      if (value !== undefined) yield [key, value];
    }
  }

  /** The changes since the last `commit`; `undefined` stands for what was deleted. */
  changes(): ReadonlyMap<K, V | undefined> {
    return this.#draft;
  }

  /** What was there before the changes. */
  committed(key: K): V | undefined {
    return this.#committed.get(key);
  }

  /** Makes the changes part of the map. */
  commit(): void {
    for (const [key, value] of this.#draft) {
      if (value === undefined) this.#committed.delete(key);
      else this.#committed.set(key, value);
    }
    this.#draft.clear();
  }

  /** Forgets the changes since the last `commit`. */
  rollback(): void {
    this.#draft.clear();
  }
}
