import type { Durations } from './durations.ts';

/** Figures of a process that has just started. */
export interface FirstFigures {
  /** Time to read and compile sql.js, once per process. */
  readonly engineMs: number;
  readonly firstLookMs: number;
  readonly firstLookBusyMs: number;
  /** The sessions shown after the first look. */
  readonly sessions: number;
  /** The statements of the first look on a new native connection. */
  readonly nativeMs: number;
  /** The longest of the refreshes after it, which read all sessions. */
  readonly sliceMs: number;
  readonly sliceBusyMs: number;
}

/** A repetition of a refresh's statements by otop's reader and by native SQLite; medians in milliseconds. */
export interface NativeFigures {
  /** The number per refresh, on average. */
  readonly statements: number;
  readonly rows: number;
  /** The whole read with an open reader and prepared statements: snapshot, pages, statements, final check. */
  readonly readerMs: number;
  /** The statements in a read transaction on an open connection, prepared. */
  readonly nativeMs: number;
  /** The same with a new reader and a new connection. */
  readonly openedReaderMs: number;
  readonly openedNativeMs: number;
}

/** Figures of a burst of commits. */
export interface BurstFigures {
  readonly commits: number;
  readonly looks: number;
  /** Looks that returned an old state, with a trouble. */
  readonly busy: number;
  readonly longestMs: number;
  /** True if the last look showed the last commit. */
  readonly isLastSeen: boolean;
}

/** Resident memory of the measuring process, in bytes. */
export interface MemoryFigures {
  /** Before the first look, with the engine and all code loaded. */
  readonly baseBytes: number;
  readonly firstLookBytes: number;
  /** When all sessions are in the totals. */
  readonly passBytes: number;
  readonly refreshesBytes: number;
}

/** A long run of refreshes under a writer. */
export interface SoakFigures {
  readonly refreshes: number;
  /** The refreshes that saw commits. */
  readonly changed: number;
  /** Median resident memory of the last fifth of the refreshes minus that of the middle fifth. */
  readonly grownBytes: number;
}

/** Figures of a WAL that no checkpoint has emptied. */
export interface LargeWalFigures {
  readonly pages: number;
  readonly firstLookMs: number;
  readonly firstLookBusyMs: number;
  /** Without its `-shm`: the longest look until it is read, and the sum of these looks. */
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

/** Figures of a process that keeps refreshing. */
export interface RefreshFigures {
  readonly pass: PassFigures;
  readonly unchanged: Durations;
  readonly refresh: Durations;
  readonly refreshBusy: Durations;
  readonly native: NativeFigures;
  readonly burst: BurstFigures;
  /** Milliseconds, or the reason why it is not possible. */
  readonly wholeFile: number | string;
  readonly memory: MemoryFigures;
}

/** The part that a measuring process is started for, with its figures. */
export interface FiguresOf {
  readonly first: FirstFigures;
  readonly refreshes: RefreshFigures;
  readonly soak: SoakFigures;
  readonly wal: LargeWalFigures;
}

/** A request of the measuring process to the writing process. */
export type Ask =
  | { readonly ask: 'commit'; readonly count: number }
  | { readonly ask: 'keep-committing' }
  | { readonly ask: 'stop-committing' }
  | { readonly ask: 'fill-wal'; readonly pages: number }
  | { readonly ask: 'keep'; readonly figures: FiguresOf[keyof FiguresOf] };

/** Sends a request to the writing process; resolves when it is done. */
export type Request = (ask: Ask) => Promise<void>;
