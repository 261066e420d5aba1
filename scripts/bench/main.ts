import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { durationsOf, timed } from './durations.ts';
import type { FirstFigures } from './figures.ts';
import { type BenchVersion, generate } from './generate.ts';
import { LiveSessions } from './live-sessions.ts';
import type { MeasureOptions } from './measure.ts';
import { runReader } from './run-reader.ts';
import { sizeLabel, sizesOf } from './sizes.ts';
import { summaryLine, tableLines } from './table.ts';
import { figureRows, type Measured } from './targets.ts';

/**
 * `npm run bench`: makes opencode databases of several sizes and both generations, measures how otop reads them while
 * another process writes to them, and prints the figures beside their targets. `npm run bench -- --sizes 10M,1G`.
 */

const versions: readonly BenchVersion[] = ['1.2.27', '1.18.33'];
const freshStarts = 5;

const command = new Command()
  .option('--sizes <list>', 'sizes of the databases', '10M,1G,5G')
  .option('--soak <refreshes>', 'refreshes of the memory run, at the smallest size', '100000')
  .option('--wal <pages>', 'pages of the WAL that is read at the smallest size', '100000')
  .parse();
const options = command.opts<{ sizes: string; soak: string; wal: string }>();

const folder = mkdtempSync(join(tmpdir(), 'otop-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

const measured: Measured[] = [];
const loadBefore = loadavg();
for (const [place, sizeBytes] of sizesOf(options.sizes).entries()) {
  for (const version of versions) measured.push(await measureOne(version, sizeBytes, place === 0));
}
const rows = figureRows(measured);
console.log(
  `\nload average ${showLoad(loadBefore)} before, ${showLoad(loadavg())} after; node ${process.version}`,
);
const labels = measured.map(({ label }) => label);
console.log('2 ms (5 ms): 2 ms of processor time, by which targets are judged, in 5 ms on a shared machine');
for (const line of tableLines(labels, rows)) console.log(line);
console.log(summaryLine(rows));

async function measureOne(version: BenchVersion, sizeBytes: number, isSmallest: boolean): Promise<Measured> {
  const path = join(folder, `${version}-${sizeBytes}.db`);
  const nowMs = Date.now();
  const { ms } = timed(() => generate(path, version, sizeBytes, nowMs));
  const fileBytes = statSync(path).size;
  console.log(`${sizeLabel(fileBytes)} of ${version} made in ${Math.round(ms)} ms; measuring`);
  const live = new LiveSessions(path, version, nowMs);
  for (let commit = 0; commit < 100; commit += 1) live.commit();
  const first = await measureFirstLooks({ ...reading(path, live), onlyFirst: true }, live);
  const soakRefreshes = isSmallest ? Number(options.soak) : 0;
  const walPages = isSmallest ? Number(options.wal) : 0;
  const answer = await runReader({ ...reading(path, live), soakRefreshes, walPages }, live);
  live.close();
  for (const file of ['', '-wal', '-shm', '-copy.db', '-copy.db-wal'])
    rmSync(`${path}${file}`, { force: true });
  if (answer.ask !== 'all') throw new Error('the measuring process left figures out');
  return { version, label: `${sizeLabel(sizeBytes)} ${version}`, first, all: answer.figures };
}

/** The first look is of a process that has run nothing yet, so each takes a process; of several, the median counts. */
async function measureFirstLooks(options: MeasureOptions, live: LiveSessions): Promise<FirstFigures> {
  const all: FirstFigures[] = [];
  for (let start = 0; start < freshStarts; start += 1) {
    const answer = await runReader(options, live);
    if (answer.ask === 'first') all.push(answer.figures);
  }
  const median = (of: keyof FirstFigures) => durationsOf(all.map((figures) => figures[of])).medianMs;
  return {
    engineMs: median('engineMs'),
    firstLookMs: median('firstLookMs'),
    firstLookBusyMs: median('firstLookBusyMs'),
    sessions: median('sessions'),
    nativeMs: median('nativeMs'),
  };
}

function reading(path: string, live: LiveSessions): MeasureOptions {
  return { path, wanted: live.wanted, onlyFirst: false, soakRefreshes: 0, walPages: 0 };
}

function showLoad(load: readonly number[]): string {
  return load.map((each) => each.toFixed(1)).join(' ');
}
