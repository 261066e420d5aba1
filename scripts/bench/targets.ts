import type { FirstFigures, LargeWalFigures, MemoryFigures, RefreshFigures, SoakFigures } from './figures.ts';
import type { BenchVersion } from './generate.ts';

/** A database and its figures. */
export interface Measured {
  readonly version: BenchVersion;
  readonly label: string;
  readonly first: FirstFigures;
  readonly refreshes: RefreshFigures;
  /** Measured at the smallest size only. */
  readonly soak: SoakFigures | undefined;
  readonly wal: LargeWalFigures | undefined;
}

/** A cell; `isMet` is absent if it has no target. */
interface Cell {
  readonly text: string;
  readonly isMet?: boolean;
}

/** A row of the report. */
export interface FigureRow {
  readonly name: string;
  /** Its name in docs/performance.md; a row without one is only in the report. */
  readonly title?: string;
  /** The target as text; absent if the figure has none. */
  readonly target?: string;
  readonly cells: readonly Cell[];
}

const mib = 1024 * 1024;

/** Returns all figures as rows with their targets and one cell for each database. */
export function figureRows(measured: readonly Measured[]): FigureRow[] {
  const info = (name: string, show: (one: Measured) => string): FigureRow => ({
    name,
    cells: measured.map((one) => ({ text: show(one) })),
  });
  const atMost = (
    name: string,
    limit: number,
    show: (value: number) => string,
    value: (one: Measured) => number | undefined,
  ): FigureRow => ({
    name,
    target: `<= ${show(limit)}`,
    cells: measured.map((one) => {
      const found = value(one);
      return found === undefined ? { text: '-' } : { text: show(found), isMet: found <= limit };
    }),
  });
  const titled = (title: string, row: FigureRow): FigureRow => ({ ...row, title });
  return [
    info('load sql.js', ({ first }) => ms(first.engineMs)),
    titled(
      'data of the first Board, once sql.js is loaded',
      work("first Board's data", 80, measured, ({ first }) => [first.firstLookBusyMs, first.firstLookMs]),
    ),
    info('  sessions on it', ({ first }) => String(first.sessions)),
    info('  its rows by native SQLite', ({ first }) => ms(first.nativeMs)),
    titled(
      'refresh after a commit, median',
      work('refresh after a commit, median', 8, measured, ({ refreshes: { refreshBusy, refresh } }) => [
        refreshBusy.medianMs,
        refresh.medianMs,
      ]),
    ),
    info('  99th percentile', ({ refreshes: { refreshBusy, refresh } }) =>
      workText(refreshBusy.p99Ms, refresh.p99Ms),
    ),
    info('  longest', ({ refreshes: { refreshBusy, refresh } }) =>
      workText(refreshBusy.longestMs, refresh.longestMs),
    ),
    titled(
      '… over that of the smallest database',
      atMost('  by the smallest database', 1.5, times, (one) => growth(one, measured)),
    ),
    titled(
      'refresh when nothing changed, median',
      atMost('nothing changed, median', 0.2, ms, ({ refreshes }) => refreshes.unchanged.medianMs),
    ),
    titled('looks during a burst of 1,000 commits, the longest', burst(measured)),
    info('rows of a refresh: statements / rows', ({ refreshes: { native } }) =>
      [native.statements, native.rows].map(Math.round).join(' / '),
    ),
    info('  by otop, by native SQLite', ({ refreshes: { native } }) =>
      pair(native.readerMs, native.nativeMs),
    ),
    titled(
      'time for the rows of a refresh, over native SQLite’s',
      atMost('  by native', 3, times, ({ refreshes: { native } }) => native.readerMs / native.nativeMs),
    ),
    info('  both opened for it', ({ refreshes: { native } }) =>
      pair(native.openedReaderMs, native.openedNativeMs),
    ),
    titled(
      'reading the whole file into sql.js instead, over a refresh',
      info('whole file into sql.js, over a refresh', ({ refreshes }) => wholeFile(refreshes)),
    ),
    titled(
      'first pass over all sessions, longest slice',
      work('statistics, longest slice', 10, measured, ({ first }) => [first.sliceBusyMs, first.sliceMs]),
    ),
    info('  slices, sessions, in all', ({ refreshes: { pass } }) =>
      [pass.slices.count, pass.sessions, ms(pass.totalMs)].join(', '),
    ),
    titled(
      'first look at a WAL of 100,000 pages',
      work('100,000-page WAL, first look', 80, measured, ({ wal }) =>
        wal === undefined ? undefined : [wal.firstLookBusyMs, wal.firstLookMs],
      ),
    ),
    atMost('  without -shm, longest look', 1000, ms, ({ wal }) => wal?.longestScanMs),
    info('memory of node, code, sql.js', ({ refreshes: { memory } }) => bytes(memory.baseBytes)),
    atMost(
      'memory of the data side, first look',
      64 * mib,
      bytes,
      ({ refreshes: { memory } }) => memory.firstLookBytes - memory.baseBytes,
    ),
    atMost(
      '  statistics read',
      64 * mib,
      bytes,
      ({ refreshes: { memory } }) => memory.passBytes - memory.baseBytes,
    ),
    titled(
      'resident memory of the data side',
      atMost('  after all refreshes', 64 * mib, bytes, ({ refreshes: { memory } }) => dataBytes(memory)),
    ),
    info('  long run: refreshes, with commits', ({ soak }) =>
      soak === undefined ? '-' : `${soak.refreshes}, ${soak.changed}`,
    ),
    titled(
      '… its growth in the second half of 100,000 refreshes',
      atMost('  grown in it', 8 * mib, bytes, ({ soak }) => soak?.grownBytes),
    ),
  ];
}

/** True if no cell of the row misses its target; undefined if the row has no target. */
export function isMet({ cells }: FigureRow): boolean | undefined {
  const judged = cells.filter((cell) => cell.isMet !== undefined);
  return judged.length === 0 ? undefined : judged.every((cell) => cell.isMet);
}

/** A row with the CPU time, which the target limits, and the wall-clock time. */
function work(
  name: string,
  limitMs: number,
  measured: readonly Measured[],
  value: (one: Measured) => readonly [busyMs: number, wallMs: number] | undefined,
): FigureRow {
  const cells = measured.map((one): Cell => {
    const found = value(one);
    if (found === undefined) return { text: '-' };
    return { text: workText(...found), isMet: found[0] <= limitMs };
  });
  return { name, target: `<= ${ms(limitMs)}`, cells };
}

function workText(busyMs: number, wallMs: number): string {
  return `${ms(busyMs)} (${ms(wallMs)})`;
}

function burst(measured: readonly Measured[]): FigureRow {
  return {
    name: 'burst of 1,000 commits, looks',
    target: '<= 100, last seen',
    cells: measured.map(({ refreshes: { burst } }) => ({
      text: `${burst.looks}${burst.busy > 0 ? `, ${burst.busy} stale` : ''}, ${ms(burst.longestMs)}`,
      isMet: burst.looks <= 100 && burst.busy === 0 && burst.isLastSeen,
    })),
  };
}

/** The refresh time divided by that of the smallest database of the same schema version; undefined for the smallest. */
function growth(one: Measured, measured: readonly Measured[]): number | undefined {
  const smallest = measured.find(({ version }) => version === one.version);
  if (smallest === undefined || smallest === one) return undefined;
  return one.refreshes.refreshBusy.medianMs / smallest.refreshes.refreshBusy.medianMs;
}

function dataBytes({ baseBytes, refreshesBytes }: MemoryFigures): number {
  return refreshesBytes - baseBytes;
}

function wholeFile({ wholeFile, refresh }: RefreshFigures): string {
  if (typeof wholeFile === 'string') return wholeFile;
  return `${ms(wholeFile)}, ${round(wholeFile / refresh.medianMs)}x`;
}

function pair(oursMs: number, theirsMs: number): string {
  return `${ms(oursMs)}, ${ms(theirsMs)}`;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(value < 0.1 ? 3 : 2) : round(value)} ms`;
}

function times(value: number): string {
  return `${value.toFixed(2)}x`;
}

function bytes(value: number): string {
  return `${(value / mib).toFixed(1)} MB`;
}

function round(value: number): number {
  return Math.round(value);
}
