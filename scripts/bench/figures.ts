import type { Durations } from './durations.ts';

/** What is measured of a process that just started. */
export interface FirstFigures {
  /** Reading and compiling sql.js, once per process. */
  readonly engineMs: number;
  readonly firstLookMs: number;
  readonly firstLookBusyMs: number;
  /** Sessions shown after it. */
  readonly sessions: number;
  /** The statements of the first look on a native connection opened for it. */
  readonly nativeMs: number;
}

/** The statements of a refresh on sql.js and on native SQLite; means over some refreshes, in milliseconds. */
export interface NativeFigures {
  readonly statements: number;
  readonly rows: number;
  /** The refresh: the look, the pages, the statements, the JSON. */
  readonly oursMs: number;
  /** Only the statements, on a connection that is open and has them prepared. */
  readonly warmMs: number;
  /** Only the statements, on a connection opened for them. */
  readonly openMs: number;
}

/** How a burst of commits was taken in. */
export interface BurstFigures {
  readonly commits: number;
  readonly looks: number;
  /** Looks that had nothing newer than two seconds. */
  readonly busy: number;
  readonly longestMs: number;
  /** The look after the last commit showed what it wrote. */
  readonly isLastSeen: boolean;
}

/** Resident memory of the measuring process, in bytes. */
export interface MemoryFigures {
  /** With the engine and all code loaded, before the first look. */
  readonly baseBytes: number;
  readonly firstLookBytes: number;
  /** With every session in the totals. */
  readonly passBytes: number;
  readonly refreshesBytes: number;
}

/** A long run of refreshes under a writer. */
export interface SoakFigures {
  readonly refreshes: number;
  /** Those that saw commits. */
  readonly changed: number;
  readonly bytesPerRefresh: number;
}

/** A WAL that no checkpoint has emptied. */
export interface LargeWalFigures {
  readonly pages: number;
  readonly firstLookMs: number;
  readonly firstLookBusyMs: number;
  /** Without its `-shm`: the longest of the looks that read it, and all of them. */
  readonly longestScanMs: number;
  readonly scanMs: number;
}

/** All that is measured of one database. */
export interface Figures {
  readonly pass: {
    readonly slices: Durations;
    readonly busy: Durations;
    readonly totalMs: number;
    readonly sessions: number;
  };
  readonly unchanged: Durations;
  readonly refresh: Durations;
  readonly refreshBusy: Durations;
  readonly native: NativeFigures;
  readonly burst: BurstFigures;
  /** Milliseconds, or why it is not possible. */
  readonly wholeFile: number | string;
  readonly memory: MemoryFigures;
  readonly soak: SoakFigures | undefined;
  readonly largeWal: LargeWalFigures | undefined;
}

/** What the measuring process asks of the one that writes. */
export type Ask =
  | { readonly ask: 'commit'; readonly count: number }
  | { readonly ask: 'keep-committing' }
  | { readonly ask: 'stop-committing' }
  | { readonly ask: 'fill-wal'; readonly pages: number }
  | { readonly ask: 'first'; readonly figures: FirstFigures }
  | { readonly ask: 'all'; readonly figures: Figures };

/** Lets the writing process do something, and waits until it is done. */
export type Request = (ask: Ask) => Promise<void>;
