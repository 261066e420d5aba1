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
  /** The longest of the refreshes that read all sessions after it. */
  readonly sliceMs: number;
  readonly sliceBusyMs: number;
}

/** The same rows by otop's reader and by native SQLite: the statements of a refresh, again; medians in milliseconds. */
export interface NativeFigures {
  /** Of one refresh, on average. */
  readonly statements: number;
  readonly rows: number;
  /** The look, the pages, the statements, the check afterwards; all of it open and its statements prepared. */
  readonly readerMs: number;
  /** The statements in a read transaction, on a connection that is open and has them prepared. */
  readonly nativeMs: number;
  /** Both, opened for it. */
  readonly openedReaderMs: number;
  readonly openedNativeMs: number;
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
  /** By how much resident memory in the last fifth of them is above that in the middle fifth, medians. */
  readonly grownBytes: number;
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

/** The first pass over all sessions, in slices. */
export interface PassFigures {
  readonly slices: Durations;
  readonly busy: Durations;
  readonly totalMs: number;
  readonly sessions: number;
}

/** What is measured of one process that goes on refreshing. */
export interface RefreshFigures {
  readonly pass: PassFigures;
  readonly unchanged: Durations;
  readonly refresh: Durations;
  readonly refreshBusy: Durations;
  readonly native: NativeFigures;
  readonly burst: BurstFigures;
  /** Milliseconds, or why it is not possible. */
  readonly wholeFile: number | string;
  readonly memory: MemoryFigures;
}

/** What a measuring process is started for, and what it finds. */
export interface FiguresOf {
  readonly first: FirstFigures;
  readonly refreshes: RefreshFigures;
  readonly soak: SoakFigures;
  readonly wal: LargeWalFigures;
}

/** What the measuring process asks of the one that writes. */
export type Ask =
  | { readonly ask: 'commit'; readonly count: number }
  | { readonly ask: 'keep-committing' }
  | { readonly ask: 'stop-committing' }
  | { readonly ask: 'fill-wal'; readonly pages: number }
  | { readonly ask: 'keep'; readonly figures: FiguresOf[keyof FiguresOf] };

/** Lets the writing process do something, and waits until it is done. */
export type Request = (ask: Ask) => Promise<void>;
