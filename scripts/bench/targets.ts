import type { Figures, FirstFigures } from './figures.ts';
import type { BenchVersion } from './generate.ts';

/** One database and what was measured of it. */
export interface Measured {
  readonly version: BenchVersion;
  readonly label: string;
  readonly first: FirstFigures;
  readonly all: Figures;
}

/** One cell: what it shows, and whether that meets the row's target; `undefined` where it has none. */
interface Cell {
  readonly text: string;
  readonly isMet: boolean | undefined;
}

/** One row of the report. */
export interface FigureRow {
  readonly name: string;
  /** In words; absent where the figure is only for information. */
  readonly target?: string;
  readonly cells: readonly Cell[];
}

const mib = 1024 * 1024;

/** All figures as rows with one cell for each database, beside the targets of issue 3. */
export function figureRows(measured: readonly Measured[]): FigureRow[] {
  const info = (name: string, show: (one: Measured) => string): FigureRow => ({
    name,
    cells: measured.map((one) => ({ text: show(one), isMet: undefined })),
  });
  const atMost = (
    name: string,
    most: number,
    show: (value: number) => string,
    value: (one: Measured) => number | undefined,
  ): FigureRow => ({
    name,
    target: `<= ${show(most)}`,
    cells: measured.map((one) => {
      const found = value(one);
      if (found === undefined) return { text: '-', isMet: undefined };
      return { text: show(found), isMet: found <= most };
    }),
  });
  return [
    info('load sql.js', ({ first }) => ms(first.engineMs)),
    work('first look', 80, measured, ({ first }) => [first.firstLookBusyMs, first.firstLookMs]),
    info('  sessions shown by it', ({ first }) => String(first.sessions)),
    atMost('  by native, open + query', 3, times, ({ first }) => first.firstLookMs / first.nativeMs),
    work('refresh after a commit, median', 8, measured, ({ all }) => [
      all.refreshBusy.medianMs,
      all.refresh.medianMs,
    ]),
    info('  99th percentile', ({ all }) => workText(all.refreshBusy.p99Ms, all.refresh.p99Ms)),
    info('  longest', ({ all }) => workText(all.refreshBusy.longestMs, all.refresh.longestMs)),
    atMost('  by the smallest database', 1.5, times, (one) => growth(one, measured)),
    info(
      '  its statements / rows',
      ({ all }) => `${round(all.native.statements)} / ${round(all.native.rows)}`,
    ),
    atMost('  by native, warm', 3, times, ({ all }) => all.native.oursMs / all.native.warmMs),
    atMost('  by native, open + query', 3, times, ({ all }) => all.native.oursMs / all.native.openMs),
    info('  native, warm', ({ all }) => ms(all.native.warmMs)),
    info('  native, open + query', ({ all }) => ms(all.native.openMs)),
    info('  whole file into sql.js', ({ all }) => wholeFile(all)),
    atMost('nothing changed, median', 0.2, ms, ({ all }) => all.unchanged.medianMs),
    burst(measured),
    work('statistics, longest slice', 10, measured, ({ all: { pass } }) => [
      pass.busy.longestMs,
      pass.slices.longestMs,
    ]),
    info('  median slice', ({ all: { pass } }) => workText(pass.busy.medianMs, pass.slices.medianMs)),
    info('  slices, in all', ({ all }) => `${all.pass.slices.count}, ${ms(all.pass.totalMs)}`),
    info('  sessions', ({ all }) => String(all.pass.sessions)),
    work('100,000-page WAL, first look', 80, measured, ({ all: { largeWal } }) =>
      largeWal === undefined ? undefined : [largeWal.firstLookBusyMs, largeWal.firstLookMs],
    ),
    atMost('  without -shm, longest look', 1000, ms, ({ all }) => all.largeWal?.longestScanMs),
    atMost(
      'memory above base, first look',
      64 * mib,
      bytes,
      ({ all }) => all.memory.firstLookBytes - all.memory.baseBytes,
    ),
    atMost('  statistics read', 64 * mib, bytes, ({ all }) => all.memory.passBytes - all.memory.baseBytes),
    atMost(
      '  after all refreshes',
      64 * mib,
      bytes,
      ({ all }) => all.memory.refreshesBytes - all.memory.baseBytes,
    ),
    info('  base (node, code, sql.js)', ({ all }) => bytes(all.memory.baseBytes)),
    atMost('  growth over 100,000 refreshes', 8 * mib, bytes, ({ all }) => soakBytes(all)),
    info('  refreshes, with commits', ({ all }) =>
      all.soak === undefined ? '-' : `${all.soak.refreshes}, ${all.soak.changed}`,
    ),
  ];
}

/** True where no cell of the row misses its target; `undefined` where it has none. */
export function isMet({ cells }: FigureRow): boolean | undefined {
  const judged = cells.filter((cell) => cell.isMet !== undefined);
  return judged.length === 0 ? undefined : judged.every((cell) => cell.isMet);
}

/** A row of work on one thread: judged by its processor time, shown with the time that went by. */
function work(
  name: string,
  most: number,
  measured: readonly Measured[],
  value: (one: Measured) => readonly [busyMs: number, wallMs: number] | undefined,
): FigureRow {
  const cells = measured.map((one): Cell => {
    const found = value(one);
    if (found === undefined) return { text: '-', isMet: undefined };
    return { text: workText(...found), isMet: found[0] <= most };
  });
  return { name, target: `<= ${ms(most)}`, cells };
}

function workText(busyMs: number, wallMs: number): string {
  return `${ms(busyMs)} (${ms(wallMs)})`;
}

function burst(measured: readonly Measured[]): FigureRow {
  return {
    name: 'burst of 1,000 commits, looks',
    target: '<= 100, last seen',
    cells: measured.map(({ all: { burst } }) => ({
      text: `${burst.looks}${burst.busy > 0 ? `, ${burst.busy} stale` : ''}, ${ms(burst.longestMs)}`,
      isMet: burst.looks <= 100 && burst.busy === 0 && burst.isLastSeen,
    })),
  };
}

function growth(one: Measured, measured: readonly Measured[]): number | undefined {
  const smallest = measured.find(({ version }) => version === one.version);
  return smallest === undefined || smallest === one
    ? undefined
    : one.all.refreshBusy.medianMs / smallest.all.refreshBusy.medianMs;
}

function soakBytes({ soak }: Figures): number | undefined {
  return soak === undefined ? undefined : soak.bytesPerRefresh * 100_000;
}

function wholeFile({ wholeFile, refresh }: Figures): string {
  if (typeof wholeFile === 'string') return wholeFile;
  return `${ms(wholeFile)}, ${round(wholeFile / refresh.medianMs)}x`;
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
