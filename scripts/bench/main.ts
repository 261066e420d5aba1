import { mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { medianOf, timed } from './durations.ts';
import type { FirstFigures } from './figures.ts';
import { type BenchVersion, generate } from './generate.ts';
import { LiveSessions } from './live-sessions.ts';
import type { MeasureOptions } from './measure.ts';
import { type BenchPart, benchParts, type Figures, saveFigures } from './results.ts';
import { runReader } from './run-reader.ts';
import { sizeLabel, sizesOf } from './sizes.ts';
import { summaryLine, tableLines } from './table.ts';
import { figureRows, type Measured } from './targets.ts';

/**
 * `npm run bench`: generates opencode databases of several sizes and both schema versions, and measures how otop reads
 * them while another process writes to them. Then it measures the whole of otop next to htop and similar monitors.
 * `-- --only real` measures next to real opencode instead. Prints the figures with their targets. Takes about seven
 * minutes; ten with `-- --sizes 10M,1G,5G`, five with `-- --only whole`.
 */

const versions: readonly BenchVersion[] = ['1.2.27', '1.18.33'];
const freshStarts = 5;
const allSizes = '10M,1G,5G';
const defaultSizes = '10M,1G';
/** The disk space for the file, the rows of the live sessions and the copy of a large WAL. */
const roomBytesFor = (sizeBytes: number) => sizeBytes * 1.2 + 2e9;

const command = new Command()
  .option('--sizes <list>', 'sizes of the databases', defaultSizes)
  .option('--soak <refreshes>', 'refreshes of the long run at the smallest size; 0 skips it', '100000')
  .option('--wal <pages>', 'pages of the large WAL at the smallest size; 0 skips it', '100000')
  .option('--folder <path>', 'folder for the databases, one at a time; removed at the end', tmpdir())
  .addOption(new Option('--only <part>', 'measure one part').choices(benchParts))
  .option('--opencode <version>', 'version of opencode for the part `real`', '1.18.33')
  .option('--watch <seconds>', 'time for which the cost of each monitor is measured', '60')
  .option('--save', 'save the figures for docs/performance.md (`npm run readme`)')
  .parse();
interface Options {
  sizes: string;
  soak: string;
  wal: string;
  folder: string;
  only?: BenchPart;
  opencode: string;
  watch: string;
  save?: true;
}
const options = command.opts<Options>();
const sizes = sizesOf(options.sizes);

const folder = mkdtempSync(join(resolve(options.folder), 'otop-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

const watchMs = Number(options.watch) * 1000;
if (isWanted('data')) await benchData();
if (isWanted('whole')) {
  const { benchWhole } = await import('./whole/bench-whole.ts');
  await report('whole', () => benchWhole(watchMs, 1e9));
}
if (isWanted('real')) {
  const { benchReal } = await import('./whole/real-opencode.ts');
  await report('real', () => benchReal(options.opencode, watchMs));
}

/** The part `real` runs only on request, since it installs opencode and needs five gigabytes of memory. */
function isWanted(part: BenchPart): boolean {
  return options.only === undefined ? part !== 'real' : options.only === part;
}

async function benchData(): Promise<void> {
  requireSpace(Math.max(...sizes));
  await report('data', async () => {
    const measured: Measured[] = [];
    for (const [place, sizeBytes] of sizes.entries()) {
      for (const version of versions) measured.push(await measureOne(version, sizeBytes, place === 0));
    }
    console.log(
      '2 ms (5 ms): 2 ms of CPU time, which the target limits, and 5 ms of wall-clock time on a shared machine',
    );
    return { labels: measured.map(({ label }) => label), rows: figureRows(measured) };
  });
  const leftOut = sizesOf(allSizes).filter((size) => !sizes.includes(size));
  if (leftOut.length > 0)
    console.log(
      `skipped: ${leftOut.map(sizeLabel).join(', ')}; for all sizes: npm run bench -- --sizes ${allSizes}`,
    );
}

/** Prints the figures of a part with the machine's load before and after; saves them with `--save`. */
async function report(part: BenchPart, measure: () => Promise<Omit<Figures, 'load'>>): Promise<void> {
  const before = loadavg();
  const { labels, rows } = await measure();
  const load = `load average ${showLoad(before)} before, ${showLoad(loadavg())} after`;
  console.log(`\n${load}; node ${process.version}`);
  for (const line of tableLines(labels, rows)) console.log(line);
  console.log(summaryLine(rows));
  if (options.save) saveFigures({ [part]: { load, labels, rows } });
}

async function measureOne(version: BenchVersion, sizeBytes: number, isSmallest: boolean): Promise<Measured> {
  const path = join(folder, `${version}-${sizeBytes}.db`);
  const nowMs = Date.now();
  const { ms } = timed(() => generate(path, version, sizeBytes, nowMs));
  const fileBytes = statSync(path).size;
  console.log(`generated ${sizeLabel(fileBytes)} of ${version} in ${Math.round(ms)} ms; measuring`);
  const live = new LiveSessions(path, version, nowMs);
  for (let commit = 0; commit < 100; commit += 1) live.commit();
  const [soakRefreshes, walPages] = [Number(options.soak), Number(options.wal)];
  const reading: MeasureOptions = { path, wanted: live.wanted, soakRefreshes, walPages };
  const first = await measureFirstLooks(reading, live);
  const refreshes = await runReader('refreshes', reading, live);
  // These two come last, since they make the database much larger.
  const soak = isSmallest && soakRefreshes > 0 ? await runReader('soak', reading, live) : undefined;
  const wal = isSmallest && walPages > 0 ? await runReader('wal', reading, live) : undefined;
  live.close();
  for (const file of ['', '-wal', '-shm', '-copy.db', '-copy.db-wal'])
    rmSync(`${path}${file}`, { force: true });
  return { version, label: `${sizeLabel(sizeBytes)}, ${version}`, first, refreshes, soak, wal };
}

/** Medians of several first looks. Each needs a new process, since warm code would be faster. */
async function measureFirstLooks(reading: MeasureOptions, live: LiveSessions): Promise<FirstFigures> {
  const all: FirstFigures[] = [];
  for (let start = 0; start < freshStarts; start += 1) all.push(await runReader('first', reading, live));
  const median = (of: keyof FirstFigures) => medianOf(all.map((figures) => figures[of]));
  return {
    engineMs: median('engineMs'),
    firstLookMs: median('firstLookMs'),
    firstLookBusyMs: median('firstLookBusyMs'),
    sessions: median('sessions'),
    nativeMs: median('nativeMs'),
    sliceMs: median('sliceMs'),
    sliceBusyMs: median('sliceBusyMs'),
  };
}

function requireSpace(largestBytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const [freeBytes, neededBytes] = [bavail * bsize, roomBytesFor(largestBytes)];
  if (freeBytes >= neededBytes) return;
  console.error(
    `${options.folder} has ${sizeLabel(freeBytes)} of free space and needs ${sizeLabel(neededBytes)}: choose smaller --sizes or another --folder.`,
  );
  process.exit(1);
}

function showLoad(load: readonly number[]): string {
  return load.map((each) => each.toFixed(1)).join(' ');
}
