import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/** Why a database could not be read. Each kind needs a different action of the user. */
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

/** A problem of one database, with a message that can be shown as it is. */
export interface SnapshotProblem {
  readonly kind: SnapshotProblemKind;
  readonly words: DisplayText;
}

/** Thrown in this folder, and out of a query, for a problem of the database's files; never for a bug. */
export class SnapshotError extends Error {
  readonly kind: SnapshotProblemKind;

  constructor(kind: SnapshotProblemKind, words: string) {
    super(words);
    this.name = 'SnapshotError';
    this.kind = kind;
  }

  /** The same as a value, with a printable message, since SQLite quotes names from the file. */
  get problem(): SnapshotProblem {
    return { kind: this.kind, words: sanitize(this.message) };
  }
}

/** Thrown if the files changed while they were read. The next try may succeed. */
export class TornSnapshot extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'TornSnapshot';
  }
}

/** Returns the result of `read`, or of `instead` if `read` meets a damaged page: the rest of the database may be good. */
export function unlessDamaged<T>(read: () => T, instead: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SnapshotError && error.kind === 'corrupt') return instead();
    throw error;
  }
}
