import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionReading } from '../../lib/domain/readings.ts';
import type { SqlEngine } from '../../lib/sources/snapshot/sql-engine.ts';
import { loadSqlEngine } from '../../lib/sources/snapshot/sql-engine.ts';
import { type Durations, durationsOf, slopeOf, type Timed, timed } from './durations.ts';
import type { Figures, FirstFigures, MemoryFigures, NativeFigures, Request, SoakFigures } from './figures.ts';
import { measureBurst } from './measure-burst.ts';
import { measureLargeWal } from './measure-large-wal.ts';
import { NativeReader } from './native.ts';
import { RecordingEngine } from './recording-engine.ts';
import { isUnfinished, Subject, type Wanted } from './subject.ts';
import { readWholeFile } from './whole-file.ts';

/** What to measure, and on what. */
export interface MeasureOptions {
  readonly path: string;
  readonly wanted: Wanted;
  /** Only the first look is wanted: of a process that has not run any of this before. */
  readonly onlyFirst: boolean;
  /** Refreshes of the long run that shows whether memory grows; 0: none. */
  readonly soakRefreshes: number;
  /** Pages of the WAL that no checkpoint has emptied; 0: not measured. */
  readonly walPages: number;
}

const refreshes = 300;
const nativeRefreshes = 100;
const unchangedRefreshes = 5000;

/** The first look of this process, and the same rows by native SQLite. */
export async function measureFirst({ path, wanted }: MeasureOptions): Promise<FirstFigures> {
  const from = performance.now();
  const engine = new RecordingEngine(await loadSqlEngine());
  const engineMs = performance.now() - from;
  const subject = new Subject(path, engine, wanted);
  const first = timed(() => subject.refresh());
  subject.close();
  const statements = engine.take();
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
  };
}

/** Everything else, in an order in which what needs much memory comes last. */
export async function measureAll(options: MeasureOptions, request: Request): Promise<Figures> {
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
  const soak = await measureSoak(subject, options.soakRefreshes, request);
  subject.close();
  const native = await measureNative(options, engine, request);
  const wholeFile = await readWholeFile(options.path);
  const largeWal = options.walPages === 0 ? undefined : await measureLargeWal(options, engine, request);
  return { pass, unchanged, ...refresh, native, burst, wholeFile, memory, soak, largeWal };
}

/** Refreshes until every session is in the totals; the first look is not one of the slices. */
function measurePass(subject: Subject, firstLookMs: number): Figures['pass'] {
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
): Promise<Pick<Figures, 'refresh' | 'refreshBusy'>> {
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

/** Each refresh's statements again on two native connections: one that stays open, one that is opened for it. */
async function measureNative(
  { path, wanted }: MeasureOptions,
  engine: SqlEngine,
  request: Request,
): Promise<NativeFigures> {
  const recording = new RecordingEngine(engine);
  const subject = new Subject(path, recording, wanted);
  while (isUnfinished(subject.refresh()));
  const warm = new NativeReader(path);
  const ours: number[] = [];
  const warmed: number[] = [];
  const opened: number[] = [];
  let statements = 0;
  let rows = 0;
  for (let commit = 0; commit < nativeRefreshes; commit += 1) {
    await request({ ask: 'commit', count: 1 });
    recording.take();
    ours.push(timed(() => subject.refresh()).ms);
    const ran = recording.take();
    statements += ran.length / nativeRefreshes;
    const native = timed(() => warm.run(ran));
    rows += native.value / nativeRefreshes;
    warmed.push(native.ms);
    opened.push(
      timed(() => {
        const cold = new NativeReader(path);
        cold.run(ran);
        cold.close();
      }).ms,
    );
  }
  warm.close();
  subject.close();
  const median = (times: number[]) => durationsOf(times).medianMs;
  return { statements, rows, oursMs: median(ours), warmMs: median(warmed), openMs: median(opened) };
}

/** Refreshes without pause while the other process keeps committing; memory by the slope over the second half. */
async function measureSoak(
  subject: Subject,
  count: number,
  request: Request,
): Promise<SoakFigures | undefined> {
  if (count === 0) return undefined;
  await request({ ask: 'keep-committing' });
  const memory: (readonly [refresh: number, bytes: number])[] = [];
  const every = Math.max(1, Math.floor(count / 100));
  let changed = 0;
  let before = subject.refresh();
  for (let refresh = 1; refresh <= count; refresh += 1) {
    const reading = subject.refresh();
    if (reading.sessions !== before.sessions) changed += 1;
    before = reading;
    if (refresh % 20 === 0) await nextTurn();
    if (refresh % every === 0) memory.push([refresh, residentBytes()]);
  }
  await request({ ask: 'stop-committing' });
  return { refreshes: count, changed, bytesPerRefresh: slopeOf(memory.slice(memory.length / 2)) };
}

function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
