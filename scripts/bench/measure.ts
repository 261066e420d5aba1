import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionReading } from '../../lib/domain/board/readings.ts';
import { loadSqlEngine } from '../../lib/sources/sqlite/sql-engine.ts';
import { type Durations, durationsOf, medianOf, type Timed, timed } from './durations.ts';
import type {
  FirstFigures,
  MemoryFigures,
  PassFigures,
  RefreshFigures,
  Request,
  SoakFigures,
} from './figures.ts';
import { measureBurst } from './measure-burst.ts';
import { measureNative } from './measure-native.ts';
import { NativeReader } from './native.ts';
import { RecordingEngine } from './recording-engine.ts';
import { isUnfinished, Subject, type Wanted } from './subject.ts';
import { readWholeFile } from './whole-file.ts';

/** The database and the sizes of the measurements. */
export interface MeasureOptions {
  readonly path: string;
  readonly wanted: Wanted;
  /** Refreshes of the long run that shows whether memory grows. */
  readonly soakRefreshes: number;
  /** Pages of the WAL that no checkpoint empties. */
  readonly walPages: number;
}

const refreshes = 300;
const unchangedRefreshes = 5000;

/** Measures the first look of this process, its rows by native SQLite, and the pass over all sessions. */
export async function measureFirst({ path, wanted }: MeasureOptions): Promise<FirstFigures> {
  const from = performance.now();
  const engine = new RecordingEngine(await loadSqlEngine());
  const engineMs = performance.now() - from;
  const subject = new Subject(path, engine, wanted);
  const first = timed(() => subject.refresh());
  const statements = engine.take();
  const pass = measurePass(subject, first.ms);
  subject.close();
  const { ms: nativeMs } = timed(() => {
    const native = new NativeReader(path);
    native.run(statements);
    native.close();
  });
  return {
    engineMs,
    firstLookMs: first.ms,
    firstLookBusyMs: first.busyMs,
    sessions: first.value.sessions.size,
    nativeMs,
    sliceMs: pass.slices.longestMs,
    sliceBusyMs: pass.busy.longestMs,
  };
}

/** Measures a process that keeps refreshing. Parts that need much memory come last, after the memory figures. */
export async function measureRefreshes(options: MeasureOptions, request: Request): Promise<RefreshFigures> {
  const engine = await loadSqlEngine();
  const baseBytes = residentBytes();
  const subject = new Subject(options.path, engine, options.wanted);
  const first = timed(() => subject.refresh()).ms;
  const firstLookBytes = residentBytes();
  const pass = measurePass(subject, first);
  const passBytes = residentBytes();
  const unchanged = measureUnchanged(subject);
  const refresh = await measureRefresh(subject, request);
  const refreshesBytes = residentBytes();
  const memory: MemoryFigures = { baseBytes, firstLookBytes, passBytes, refreshesBytes };
  const burst = await measureBurst(subject, request);
  subject.close();
  const native = await measureNative(options, engine, request);
  const wholeFile = await readWholeFile(options.path);
  return { pass, unchanged, ...refresh, native, burst, wholeFile, memory };
}

/** Refreshes until all sessions are in the totals. The first look counts for the total time, not as a slice. */
function measurePass(subject: Subject, firstLookMs: number): PassFigures {
  const slices: Timed<SessionReading>[] = [];
  let reading: SessionReading;
  do {
    const slice = timed(() => subject.refresh());
    slices.push(slice);
    reading = slice.value;
  } while (isUnfinished(reading));
  return {
    slices: durationsOf(slices.map(({ ms }) => ms)),
    busy: durationsOf(slices.map(({ busyMs }) => busyMs)),
    totalMs: slices.reduce((sum, { ms }) => sum + ms, firstLookMs),
    sessions: reading.allTime?.sessionCount ?? 0,
  };
}

function measureUnchanged(subject: Subject): Durations {
  return durationsOf(Array.from({ length: unchangedRefreshes }, () => timed(() => subject.refresh()).ms));
}

async function measureRefresh(
  subject: Subject,
  request: Request,
): Promise<Pick<RefreshFigures, 'refresh' | 'refreshBusy'>> {
  const looks: Timed<SessionReading>[] = [];
  for (let commit = 0; commit < refreshes; commit += 1) {
    await request({ ask: 'commit', count: 1 });
    looks.push(timed(() => subject.refresh()));
  }
  return {
    refresh: durationsOf(looks.map(({ ms }) => ms)),
    refreshBusy: durationsOf(looks.map(({ busyMs }) => busyMs)),
  };
}

/** Measures the memory of refreshes without pause while the other process keeps committing. */
export async function measureSoak(
  { path, wanted, soakRefreshes }: MeasureOptions,
  request: Request,
): Promise<SoakFigures> {
  const subject = new Subject(path, await loadSqlEngine(), wanted);
  while (isUnfinished(subject.refresh()));
  await request({ ask: 'keep-committing' });
  const memory: number[] = [];
  const every = Math.max(1, Math.floor(soakRefreshes / 100));
  let changed = 0;
  let before = subject.refresh();
  for (let refresh = 1; refresh <= soakRefreshes; refresh += 1) {
    const reading = subject.refresh();
    if (reading.sessions !== before.sessions) changed += 1;
    before = reading;
    if (refresh % 20 === 0) await nextTurn();
    if (refresh % every === 0) memory.push(residentBytes());
  }
  await request({ ask: 'stop-committing' });
  subject.close();
  const median = (from: number, to: number) =>
    medianOf(memory.slice(memory.length * from, memory.length * to));
  return { refreshes: soakRefreshes, changed, grownBytes: median(0.8, 1) - median(0.4, 0.6) };
}

function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
