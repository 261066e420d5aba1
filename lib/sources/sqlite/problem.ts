import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/** Why a database could not be read; each kind asks for a different answer from the person at the screen. */
export type SnapshotProblemKind =
  | 'missing'
  | 'denied'
  | 'not-sqlite'
  | 'empty'
  | 'truncated'
  | 'corrupt'
  | 'busy'
  | 'too-large'
  | 'io'
  | 'schema'
  | 'engine';

/** A problem of one database, in words that can be shown as they are. */
export interface SnapshotProblem {
  readonly kind: SnapshotProblemKind;
  readonly words: DisplayText;
}

/** Thrown inside this folder and out of a query for what the database's files do; never for a bug. */
export class SnapshotError extends Error {
  readonly kind: SnapshotProblemKind;

  constructor(kind: SnapshotProblemKind, words: string) {
    super(words);
    this.name = 'SnapshotError';
    this.kind = kind;
  }

  /** The same as a value, its words made printable: SQLite quotes names out of the file. */
  get problem(): SnapshotProblem {
    return { kind: this.kind, words: sanitize(this.message) };
  }
}

/** The files changed under the reader: no problem of theirs, the next try may well stand. */
export class TornSnapshot extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'TornSnapshot';
  }
}

/** What `read` gives, or `instead` where it meets a damaged page: the rest of the database may well be good. */
export function unlessDamaged<T>(read: () => T, instead: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SnapshotError && error.kind === 'corrupt') return instead();
    throw error;
  }
}
