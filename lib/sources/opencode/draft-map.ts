/**
 * A map with changes laid over it that count only once they are kept: a query over a snapshot may run more than once, and
 * what a thrown-away try has seen must leave no trace.
 */
export class DraftMap<K, V> {
  readonly #kept = new Map<K, V>();
  readonly #draft = new Map<K, V | undefined>();

  get(key: K): V | undefined {
    return this.#draft.has(key) ? this.#draft.get(key) : this.#kept.get(key);
  }

  set(key: K, value: V): void {
    this.#draft.set(key, value);
  }

  delete(key: K): void {
    this.#draft.set(key, undefined);
  }

  get size(): number {
    let size = this.#kept.size;
    for (const [key, value] of this.#draft) {
      if (value === undefined) size -= this.#kept.has(key) ? 1 : 0;
      else size += this.#kept.has(key) ? 0 : 1;
    }
    return size;
  }

  /** The keys of everything that is there, changes included. */
  keys(): K[] {
    const kept = [...this.#kept.keys()];
    if (this.#draft.size === 0) return kept;
    const drafted = [...this.#draft].flatMap(([key, value]) => (value === undefined ? [] : [key]));
    return [...kept.filter((key) => !this.#draft.has(key)), ...drafted];
  }

  /** Everything that is there, changes included. */
  *entries(): Generator<[K, V]> {
    for (const [key, value] of this.#kept) {
      if (!this.#draft.has(key)) yield [key, value];
    }
    for (const [key, value] of this.#draft) {
      if (value !== undefined) yield [key, value];
    }
  }

  /** The changes since the last `keep`; `undefined` stands for what was deleted. */
  changes(): ReadonlyMap<K, V | undefined> {
    return this.#draft;
  }

  /** What was there before the changes. */
  kept(key: K): V | undefined {
    return this.#kept.get(key);
  }

  /** Makes the changes part of the map. */
  keep(): void {
    for (const [key, value] of this.#draft) {
      if (value === undefined) this.#kept.delete(key);
      else this.#kept.set(key, value);
    }
    this.#draft.clear();
  }

  /** Forgets the changes since the last `keep`. */
  discard(): void {
    this.#draft.clear();
  }
}
