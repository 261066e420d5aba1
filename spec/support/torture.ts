import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as pauseMs } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  openDatabaseReader,
  type ReadOutcome,
  type SnapshotView,
} from '../../lib/sources/sqlite/snapshot.ts';
import type { SqlEngine } from '../../lib/sources/sqlite/sql-engine.ts';
import { eventOf, within } from './wait.ts';

/** Options of one run. */
export interface TortureRun {
  readonly writers: number;
  /** The writer sometimes deletes and recreates the database; needs a single writer. */
  readonly recreate: boolean;
  /** Stops after this many accepted snapshots. */
  readonly snapshots: number;
  /** Skips the check after a read and stops at the first torn snapshot: for the run that must produce one. */
  readonly skipCheckAfterwards?: boolean;
  readonly limitMs: number;
}

/** Results of one run. */
export interface TortureReport {
  accepted: number;
  unchanged: number;
  /** Discarded tries within accepted reads. */
  retried: number;
  /** Accepted snapshots with contradicting rows, and reads in which SQLite reports a damaged file. */
  torn: number;
  /** Accepted snapshots older than one accepted before. */
  backwards: number;
  /** Accepted snapshots with a changed page that is missing from `changedPages`. */
  unnamed: number;
  /** Accepted snapshots that report all pages as changed. */
  allChanged: number;
  kills: number;
  /** Failed reads by kind. */
  readonly failed: Record<string, number>;
}

const writerPath = fileURLToPath(new URL('./torture-writer.mjs', import.meta.url));

/** Reads as fast as possible while real writers write to the database and are killed about twice a second. */
export async function torture(engine: SqlEngine, run: TortureRun): Promise<TortureReport> {
  const folder = mkdtempSync(join(tmpdir(), 'otop-snapshot-torture-'));
  const path = join(folder, 'opencode.db');
  const reader = openDatabaseReader(path, engine, { skipCheckAfterwards: run.skipCheckAfterwards ?? false });
  const report: TortureReport = {
    accepted: 0,
    unchanged: 0,
    retried: 0,
    torn: 0,
    backwards: 0,
    unnamed: 0,
    allChanged: 0,
    kills: 0,
    failed: {},
  };
  const writers = Array.from({ length: run.writers }, () => new Writer(path, run.recreate));
  await within('the first commits', Promise.all(writers.map((writer) => writer.ready)));
  const endMs = performance.now() + run.limitMs;
  let nextKillMs = performance.now() + 200;
  let newest: Check | undefined;
  while (report.accepted < run.snapshots && performance.now() < endMs) {
    const outcome = reader.read(check);
    if (outcome.kind === 'read') newest = noteRead(report, outcome.value, outcome.retried, newest);
    else noteOther(report, outcome);
    if (run.skipCheckAfterwards && report.torn > 0) break;
    if (performance.now() > nextKillMs) {
      writers[report.kills % run.writers]?.killAndRestart();
      report.kills += 1;
      nextKillMs = performance.now() + 300 + Math.random() * 700;
    }
    // Yields the processor to the writers if nothing is new, and lets exit events of killed writers run.
    await (outcome.kind === 'read' ? nextTurn() : pauseMs(1));
  }
  await Promise.all(writers.map((writer) => writer.stop()));
  reader.close();
  rmSync(folder, { recursive: true, force: true });
  return report;
}

interface Check {
  readonly tick: number;
  readonly holds: boolean;
  /** Every page's bytes, page 1 first. */
  readonly pages: readonly Uint8Array[];
  readonly changedPages: SnapshotView['changedPages'];
}

/** Checks the invariants of the writer over the table, its index and the clock row. */
function check(view: SnapshotView): Check {
  const [clock] = view.select('select tick, cells from clock');
  const [sums] = view.select(`select sum(value) as balance, count(*) as cells,
    min(case when id <= 1500 and id % 50 = 0 then tick end) as oldest,
    max(case when id <= 1500 and id % 50 = 0 then tick end) as newest, sum(length(pad)) as padding from cell`);
  const [indexed] = view.select('select count(value) as cells, sum(value) as balance from cell');
  const tick = Number(clock?.tick);
  const holds =
    sums?.balance === 0 &&
    indexed?.balance === 0 &&
    sums.oldest === tick &&
    sums.newest === tick &&
    sums.cells === clock?.cells &&
    indexed.cells === clock?.cells;
  const pages = Array.from({ length: view.pageCount }, (_, i) => Uint8Array.from(view.page(i + 1)));
  return { tick, holds, pages, changedPages: view.changedPages };
}

function noteOther(report: TortureReport, outcome: ReadOutcome<Check>): void {
  if (outcome.kind === 'unchanged') report.unchanged += 1;
  if (outcome.kind !== 'failed') return;
  const { kind } = outcome.reason;
  report.failed[kind] = (report.failed[kind] ?? 0) + 1;
  if (kind === 'corrupt' || kind === 'truncated') report.torn += 1;
}

function noteRead(report: TortureReport, now: Check, retried: number, before: Check | undefined): Check {
  report.accepted += 1;
  report.retried += retried;
  if (!now.holds) report.torn += 1;
  if (before !== undefined && now.tick < before.tick) report.backwards += 1;
  if (now.changedPages === 'all') report.allChanged += 1;
  else if (before !== undefined && !namesAllChanges(now, before, now.changedPages)) report.unnamed += 1;
  return now;
}

function namesAllChanges(now: Check, before: Check, changed: ReadonlySet<number>): boolean {
  return now.pages.every((page, i) => {
    const old = before.pages[i];
    return changed.has(i + 1) || (old !== undefined && Buffer.compare(page, old) === 0);
  });
}

/** A writing process that is restarted each time it is killed. */
class Writer {
  readonly #path: string;
  readonly #recreate: boolean;
  #starts = 0;
  #isStopped = false;
  #child: ChildProcess;
  /** Resolves after the first commit of the current process. */
  ready: Promise<void> = Promise.resolve();

  constructor(path: string, recreate: boolean) {
    this.#path = path;
    this.#recreate = recreate;
    this.#child = this.#start();
  }

  killAndRestart(): void {
    if (this.#child.killed) return;
    this.#child.once('exit', () => {
      if (!this.#isStopped) this.#child = this.#start();
    });
    this.#child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const child = this.#child;
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    const ended = hasEnded ? undefined : eventOf(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  #start(): ChildProcess {
    // A writer killed between delete and recreate leaves no database with a tick, so each start begins with a higher tick.
    const numbers = [1 + this.#starts * 7919, 1 + this.#starts * 1_000_000].map(String);
    this.#starts += 1;
    const child = spawn(
      process.execPath,
      [writerPath, this.#path, ...numbers, this.#recreate ? 'recreate' : ''],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    this.ready = new Promise((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', (code, signal) => {
        if (signal === 'SIGKILL') resolve();
        else reject(new Error(`a writer ended by itself with ${code}: see its words above`));
      });
    });
    return child;
  }
}
