import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Demo, startDemo } from '../../lib/demo/demo.ts';
import type { Board } from '../../lib/domain/board/board.ts';
import type { ProcessSource } from '../../lib/domain/board/readings.ts';
import type { Action } from '../../lib/domain/ui/action.ts';
import { reduce } from '../../lib/domain/ui/reduce.ts';
import { initialUiState, type UiState } from '../../lib/domain/ui/ui-state.ts';
import { Monitor } from '../../lib/monitor/monitor.ts';
import { takeFirstBoard } from '../../lib/monitor/take-board.ts';
import { writeViewedTimes } from '../../lib/monitor/viewed-times.ts';
import { createLogSource } from '../../lib/sources/log/log-source.ts';
import { OpencodeConfig } from '../../lib/sources/opencode/configuration.ts';
import { ModelCatalog } from '../../lib/sources/opencode/models.ts';
import { SessionDetails } from '../../lib/sources/opencode/session-detail.ts';
import { openSessionSource } from '../../lib/sources/opencode/sessions.ts';
import { loadSqlEngine, type SqlEngine } from '../../lib/sources/sqlite/sql-engine.ts';
import { draftPath } from '../../lib/system/owned-file.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { frameText } from '../../lib/view/frame.ts';
import { unicodeGlyphs } from '../../lib/view/glyphs.ts';
import { type Sample, takeSample } from './sample.ts';

/** The length and the size of a soak. */
export interface SoakOptions {
  readonly ticks: number;
  /** Simulated time between two ticks. */
  readonly stepMs: number;
  readonly liveSessions: number;
  /** The number of samples. */
  readonly samples: number;
}

/** The result of a soak. */
export interface SoakReport {
  readonly samples: readonly Sample[];
  /** Differences between the Monitor that ran all the time and one started at the end, as text. */
  readonly missed: readonly string[];
  readonly rows: number;
  /** Writes of otop's own state that failed on a full disk. */
  readonly failedWrites: number;
}

const startMs = Date.UTC(2026, 10, 22, 14);
const dayMs = 86_400_000;
/** The actions of a user who explores the screen. */
const keys: readonly Action[] = [
  { type: 'move', by: 1 },
  { type: 'open' },
  { type: 'tab' },
  { type: 'back' },
  { type: 'sort-step', step: 1 },
  { type: 'tree' },
  { type: 'row-lines' },
  { type: 'pause' },
  { type: 'pause' },
];

/**
 * Runs otop's Monitor and view with a simulated fleet, as fast as possible: the database grows and loses rows, the log is
 * truncated, processes start and end, tmux dies and returns, the clock is set back a day, the machine sleeps, and the disk
 * is full for otop's own writes.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const folder = mkdtempSync(join(tmpdir(), 'otop-soak-'));
  const engine = await loadSqlEngine();
  const demo = await startDemo({
    seed: 11,
    nowMs: startMs,
    temporaryDir: folder,
    liveSessions: options.liveSessions,
    logCapBytes: 2 ** 20,
    retentionMs: 3_600_000,
  });
  const full = join(folder, 'viewed.json');
  symlinkSync('/dev/full', draftPath(full));
  const world = { nowMs: startMs, tmux: true };
  const monitor = openSoakMonitor(demo, engine, () => world.tmux);
  const samples: Sample[] = [];
  let failedWrites = 0;
  let ui: UiState = initialUiState;
  try {
    let board = await takeFirstBoard(monitor, startMs);
    const every = Math.max(1, Math.floor(options.ticks / options.samples));
    for (let tick = 1; tick <= options.ticks; tick += 1) {
      // About fourteen times per simulated day the machine sleeps for three hours, and the fleet catches up at once.
      world.nowMs += tick % 601 === 40 ? 3 * 3_600_000 : options.stepMs;
      world.tmux = tick % 31 > 5;
      demo.advance(world.nowMs);
      board = await look(monitor, tick, tick % 53 < 3 ? world.nowMs - dayMs : world.nowMs);
      ui = draw(board, reduce(ui, { type: 'board' }, { board, nowMs: board.atMs }).state, tick);
      if (tick % 17 === 0) failedWrites += tryWrite(full);
      if (tick % every === 0) samples.push(await takeSample(tick));
    }
    world.tmux = true;
    const missed = await differences(
      monitor,
      openSoakMonitor(demo, engine, () => true),
      world.nowMs,
    );
    return { samples, missed, rows: board.rows.length, failedWrites };
  } finally {
    monitor.close();
    demo.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function look(monitor: Monitor, tick: number, atMs: number): Promise<Board> {
  const processes = tick % 10 === 0 ? 'full' : 'known';
  const models = tick % 300 === 0;
  await monitor.refresh({ processes, logs: true, live: true, sessions: 'history', models }, () => atMs);
  return monitor.board(atMs);
}

function draw(board: Board, before: UiState, tick: number): UiState {
  const action = tick % 7 === 0 ? keys[(tick / 7) % keys.length] : undefined;
  const ui = action ? reduce(before, action, { board, nowMs: board.atMs }).state : before;
  const [cols, rows] = tick % 50 === 0 ? [80, 24] : [160, 45];
  const view = dashboardView(board, ui, {
    cols,
    rows,
    nowMs: board.atMs,
    utcOffsetMinutes: 0,
    glyphs: unicodeGlyphs,
  });
  frameText(view);
  return { ...ui, viewport: view.viewport };
}

/** Writes to a path that leads to a full disk; returns 1 if that failed, else 0. */
function tryWrite(path: string): number {
  try {
    writeViewedTimes(path, { baselineMs: 1, bySession: new Map() });
    return 0;
  } catch {
    // The failed write removed the draft. The new link keeps the disk full.
    symlinkSync('/dev/full', draftPath(path));
    return 1;
  }
}

/** The fleet's processes; without panes while tmux is dead. */
function processesOf(demo: Demo, hasTmux: () => boolean): ProcessSource {
  return {
    async sample(how, atMs) {
      const reading = await demo.processes.sample(how, atMs);
      if (hasTmux()) return reading;
      return { ...reading, processes: reading.processes.map(({ pane: _pane, ...rest }) => rest) };
    },
    close: () => undefined,
  };
}

function openSoakMonitor(demo: Demo, engine: SqlEngine, hasTmux: () => boolean): Monitor {
  const origin = { env: demo.env, homeDir: demo.homeDir };
  const details = new SessionDetails(engine);
  const log = createLogSource();
  const sessions = openSessionSource({
    ...origin,
    engine,
    cwd: '/',
    db: demo.databasePath,
    monotonicMs: () => performance.now(),
    dayStartMs: (nowMs) => nowMs - (nowMs % dayMs),
  });
  return new Monitor(
    {
      processes: processesOf(demo, hasTmux),
      log,
      sessions,
      live: [],
      hosts: [],
      models: new ModelCatalog(origin, new OpencodeConfig(origin)),
      tokenSamples: (places, fromMs, toMs) => details.tokenHistory(places, fromMs, toMs),
      viewed: () => ({ bySession: new Map(), baselineMs: startMs }),
      close() {
        for (const each of [log, sessions, details]) each.close();
      },
    },
    { includeIdle: true, includeTools: true, host: sanitize('soak'), machineId: () => 'soak', demo: true },
  );
}

/** Returns the differences between the facts of two Monitors, for each session and for the totals; closes `fresh`. */
async function differences(running: Monitor, fresh: Monitor, nowMs: number): Promise<string[]> {
  try {
    for (const monitor of [running, fresh]) {
      await takeFirstBoard(monitor, nowMs);
      for (let step = 0; monitor.isCatchingUp && step < 10_000; step += 1)
        await monitor.refresh({ sessions: 'history' }, () => nowMs);
    }
    const [one, other] = [factsOf(running.board(nowMs)), factsOf(fresh.board(nowMs))];
    const keysOfBoth = new Set([...one.keys(), ...other.keys()]);
    return [...keysOfBoth].flatMap((key) =>
      one.get(key) === other.get(key) ? [] : [`${key}: ${one.get(key)} / ${other.get(key)}`],
    );
  } finally {
    fresh.close();
  }
}

function factsOf(board: Board): Map<string, string> {
  const facts = board.rows.flatMap(({ session, cost }) => {
    if (!session) return [];
    const { id, title, messageCount, updatedAtMs, tokens, lastOutput, todos } = session;
    return [
      [id, JSON.stringify([title, messageCount, updatedAtMs, tokens, lastOutput, todos, cost])] as const,
    ];
  });
  return new Map([...facts, ['all', JSON.stringify([board.allTime, board.today, board.processes.length])]]);
}
