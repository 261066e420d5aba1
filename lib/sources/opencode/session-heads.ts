import { DraftMap } from './draft-map.ts';
import type { SessionTable } from './session-tables.ts';

/** The facts held for every session of a database: just enough to choose which sessions to read. */
export interface SessionHead {
  readonly table: SessionTable;
  readonly directory: string | undefined;
  readonly parentId: string | undefined;
  /** The creation time of the newest message (epoch ms), 0 if there is none; undefined until it was looked up. */
  readonly recentMs: number | undefined;
}

/** The heads of all sessions, found by directory, parent and time. Changes are drafts until `commit`. */
export class SessionHeads {
  readonly #heads = new DraftMap<string, SessionHead>();
  readonly #byDirectory = new Map<string, Set<string>>();
  readonly #byParent = new Map<string, Set<string>>();
  readonly #timed = new Set<string>();
  readonly #revisions = new Map<string, number>();

  /** The number of sessions, drafts included. */
  get size(): number {
    return this.#heads.size;
  }

  /** The head of a session, drafts included; undefined if it is unknown. */
  get(id: string): SessionHead | undefined {
    return this.#heads.get(id);
  }

  /** Sets a session's head as a draft. */
  set(id: string, head: SessionHead): void {
    const before = this.#heads.get(id);
    if (before !== undefined && isSame(before, head)) return;
    this.#change(before, head);
    this.#heads.set(id, head);
    enter(this.#byDirectory, head.directory, id);
    enter(this.#byParent, head.parentId, id);
    if ((head.recentMs ?? 0) > 0) this.#timed.add(id);
  }

  /** Removes a session's head as a draft. */
  remove(id: string): void {
    this.#change(this.#heads.get(id));
    this.#heads.delete(id);
  }

  /** A number that changes whenever the result of `inDirectory`, or a head in it, may change. */
  revisionOf(directory: string): number {
    return this.#revisions.get(directory) ?? 0;
  }

  /** The sessions removed since the last `commit`. */
  removed(): string[] {
    return [...this.#heads.changes()].flatMap(([id, head]) => (head === undefined ? [id] : []));
  }

  /** The ids of all sessions. */
  ids(): string[] {
    return this.#heads.keys();
  }

  /** The ids of the sessions of a directory, subagents included. */
  inDirectory(directory: string): string[] {
    return this.#matching(this.#byDirectory.get(directory), (head) => head.directory === directory);
  }

  /** The ids of a session's subagents. */
  withParent(parentId: string): string[] {
    return this.#matching(this.#byParent.get(parentId), (head) => head.parentId === parentId);
  }

  /** The ids of the sessions with a message since `sinceMs` (epoch ms), among those whose time was looked up. */
  since(sinceMs: number): string[] {
    return this.#matching(this.#timed, (head) => (head.recentMs ?? 0) >= sinceMs);
  }

  /** Makes the drafts part of the heads. */
  commit(): void {
    for (const [id, head] of this.#heads.changes()) {
      const before = this.#heads.committed(id);
      if (before?.directory !== head?.directory) leave(this.#byDirectory, before?.directory, id);
      if (before?.parentId !== head?.parentId) leave(this.#byParent, before?.parentId, id);
      if ((head?.recentMs ?? 0) === 0) this.#timed.delete(id);
    }
    this.#heads.commit();
  }

  /** Drops the drafts. */
  rollback(): void {
    for (const [id, head] of this.#heads.changes()) this.#change(head, this.#heads.committed(id));
    this.#heads.rollback();
  }

  #change(...heads: readonly (SessionHead | undefined)[]): void {
    for (const directory of new Set(heads.map((head) => head?.directory)))
      if (directory !== undefined) this.#revisions.set(directory, this.revisionOf(directory) + 1);
  }

  /** The sets may hold too many sessions after a rollback, so each head is checked. */
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
