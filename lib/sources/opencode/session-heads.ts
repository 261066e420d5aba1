import { DraftMap } from './draft-map.ts';
import type { SessionTable } from './session-row.ts';

/** What is kept of every session of a database: just enough to choose which ones to read. */
export interface SessionHead {
  readonly table: SessionTable;
  readonly directory: string | undefined;
  readonly parentId: string | undefined;
  /** Creation time of its newest message, 0 where it has none; absent until it was looked up. */
  readonly recentMs: number | undefined;
}

/** The heads of all sessions, found by directory, by parent and by recency; changes are drafts until they are kept. */
export class SessionHeads {
  readonly #heads = new DraftMap<string, SessionHead>();
  readonly #byDirectory = new Map<string, Set<string>>();
  readonly #byParent = new Map<string, Set<string>>();
  readonly #timed = new Set<string>();
  readonly #revisions = new Map<string, number>();

  get size(): number {
    return this.#heads.size;
  }

  get(id: string): SessionHead | undefined {
    return this.#heads.get(id);
  }

  set(id: string, head: SessionHead): void {
    const before = this.#heads.get(id);
    if (before !== undefined && isSame(before, head)) return;
    this.#change(before, head);
    this.#heads.set(id, head);
    enter(this.#byDirectory, head.directory, id);
    enter(this.#byParent, head.parentId, id);
    if ((head.recentMs ?? 0) > 0) this.#timed.add(id);
  }

  remove(id: string): void {
    this.#change(this.#heads.get(id));
    this.#heads.delete(id);
  }

  /** Another number whenever what `inDirectory` gives, or a head of it, may be another. */
  revisionOf(directory: string): number {
    return this.#revisions.get(directory) ?? 0;
  }

  /** The sessions that went since the last `commit`. */
  removed(): string[] {
    return [...this.#heads.changes()].flatMap(([id, head]) => (head === undefined ? [id] : []));
  }

  ids(): string[] {
    return this.#heads.keys();
  }

  inDirectory(directory: string): string[] {
    return this.#matching(this.#byDirectory.get(directory), (head) => head.directory === directory);
  }

  withParent(parentId: string): string[] {
    return this.#matching(this.#byParent.get(parentId), (head) => head.parentId === parentId);
  }

  /** Sessions with a message since `sinceMs`, as far as times were looked up. */
  since(sinceMs: number): string[] {
    return this.#matching(this.#timed, (head) => (head.recentMs ?? 0) >= sinceMs);
  }

  commit(): void {
    for (const [id, head] of this.#heads.changes()) {
      const before = this.#heads.committed(id);
      if (before?.directory !== head?.directory) leave(this.#byDirectory, before?.directory, id);
      if (before?.parentId !== head?.parentId) leave(this.#byParent, before?.parentId, id);
      if ((head?.recentMs ?? 0) === 0) this.#timed.delete(id);
    }
    this.#heads.commit();
  }

  rollback(): void {
    for (const [id, head] of this.#heads.changes()) this.#change(head, this.#heads.committed(id));
    this.#heads.rollback();
  }

  #change(...heads: readonly (SessionHead | undefined)[]): void {
    for (const directory of new Set(heads.map((head) => head?.directory)))
      if (directory !== undefined) this.#revisions.set(directory, this.revisionOf(directory) + 1);
  }

  /** The sets may name a session too many, after a discarded change: its head decides. */
  #matching(ids: ReadonlySet<string> | undefined, fits: (head: SessionHead) => boolean): string[] {
    return [...(ids ?? [])].filter((id) => {
      const head = this.#heads.get(id);
      return head !== undefined && fits(head);
    });
  }
}

function isSame(one: SessionHead, two: SessionHead): boolean {
  return (
    one.table === two.table &&
    one.directory === two.directory &&
    one.parentId === two.parentId &&
    one.recentMs === two.recentMs
  );
}

function enter(map: Map<string, Set<string>>, key: string | undefined, id: string): void {
  if (key === undefined) return;
  const ids = map.get(key) ?? new Set();
  ids.add(id);
  map.set(key, ids);
}

function leave(map: Map<string, Set<string>>, key: string | undefined, id: string): void {
  if (key === undefined) return;
  const ids = map.get(key);
  ids?.delete(id);
  if (ids?.size === 0) map.delete(key);
}
