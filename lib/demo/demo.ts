import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import type { ProcessSource } from '../domain/board/readings.ts';
import type { SessionActs } from '../domain/session/acts.ts';
import { type SessionHost, serverActs } from '../sources/server/acts.ts';
import { ServerFailure } from '../sources/server/failure.ts';
import type { Clock, Timer } from '../system/clock.ts';
import { createDemoFolder, type DemoFolder } from './demo-folder.ts';
import { Fleet } from './fleet.ts';
import { FleetDatabase } from './fleet-database.ts';
import type { FleetEvent } from './fleet-event.ts';
import type { Expectation } from './fleet-plan.ts';
import { describeProcess } from './fleet-processes.ts';
import { demoHome } from './jobs.ts';
import { modelsCache, opencodeConfig } from './models.ts';
import { Random } from './random.ts';

/** Options of a demo. */
export interface DemoOptions {
  readonly seed: number;
  /** When the demo opens with every state, epoch ms; the same seed and time give the same frames. */
  readonly nowMs: number;
  /** The machine's temporary directory, parent of the demo's folder. */
  readonly temporaryDir: string;
  /** Says where the pid of this process is valid, see `machineName`. */
  readonly machine?: string;
  /** Advances the fleet by timers, at most four times a second; without a clock only `advance` does. */
  readonly clock?: Clock;
  /** Number of processes with sessions; default 16. */
  readonly liveSessions?: number;
  /** Maximum size of the log before it is truncated; default 64 MiB. */
  readonly logCapBytes?: number;
  /** How long ended sessions stay in the database, in ms; default one day. */
  readonly retentionMs?: number;
}

/** A simulated fleet on disk, read by the same sources as real opencode. */
export interface Demo {
  readonly databasePath: string;
  readonly logPath: string;
  /** XDG directories with the fleet's models cache and configuration. */
  readonly env: Readonly<Record<string, string>>;
  /** The fleet's home directory, displayed as `~`. */
  readonly homeDir: string;
  readonly processes: ProcessSource;
  /** Answers the fleet's asks, which then goes on; a turn cannot be aborted. */
  readonly acts: SessionActs;
  /** The expected state of each session at `nowMs`. */
  readonly expects: readonly Expectation[];
  /** Sessions whose turn ended after this time are unread; epoch ms. */
  readonly viewedUntilMs: number;
  /** Advances the fleet to `nowMs`; rows, log lines and processes are written when it returns. */
  advance(nowMs: number): void;
  /** Stops the fleet and removes its folder; idempotent. */
  dispose(): void;
}

/** Limits the commits to four a second. */
const minDelayMs = 250;
/** A turn that ended within the last ten minutes is unread. */
const unreadMs = 10 * 60_000;
const defaultLogCapBytes = 64 * 1024 * 1024;

/** Creates a fleet and its history in a temporary folder of its own; rejects with file system errors. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { seed, nowMs, clock, logCapBytes = defaultLogCapBytes } = options;
  const sql = await initSqlJs();
  const folder = createDemoFolder(options.temporaryDir, options.machine ?? 'local');
  const files = writeFiles(folder);
  const random = new Random(seed ^ 0x5a17);
  const fleet = new Fleet({ ...options, openingMs: nowMs });
  const history = fleet.advance(nowMs);
  const log = new FleetLog(files.logPath, logCapBytes);
  log.append(history);
  const database = new FleetDatabase(sql, files.databasePath, { random32: () => random.next32() }, history);
  let timer: Timer | undefined;
  let isDisposed = false;
  let lastMs = nowMs;

  const advance = (toMs: number) => {
    if (isDisposed) return;
    lastMs = toMs;
    const events = fleet.advance(toMs);
    // Writes the rows first, since a log line may name a session of them.
    database.apply(events);
    log.append(events);
  };
  const scheduleTick = (from: Clock) => {
    timer?.cancel();
    timer = from.after(Math.max(minDelayMs, fleet.nextEventMs - from.nowMs()), () => {
      advance(from.nowMs());
      scheduleTick(from);
    });
  };
  if (clock) scheduleTick(clock);

  const api: SessionHost['api'] = {
    async reply(_sessionId, _directory, reply) {
      const atMs = clock?.nowMs() ?? lastMs;
      advance(atMs);
      if (!fleet.reply(reply, atMs)) throw new ServerFailure('the session no longer waits for this answer');
      advance(atMs);
      if (clock) scheduleTick(clock);
    },
    abort: () => Promise.reject(new ServerFailure('a simulated turn cannot be ended')),
  };
  const asksOf = (sessionId: string) =>
    fleet.asks.flatMap((one) => (one.sessionId === sessionId ? [one.ask] : []));

  return {
    ...files,
    env: environment(folder),
    homeDir: demoHome,
    expects: fleet.expects,
    viewedUntilMs: nowMs - unreadMs,
    processes: {
      sample: async (_scope, atMs) => ({
        atMs,
        processes: [...fleet.processes.values()].map((one) => describeProcess(one, files, atMs)),
        troubles: [],
      }),
      close() {
        // The source holds no resources; `dispose` ends the fleet.
      },
    },
    acts: serverActs(
      (sessionId) => ({ api, hosted: { asks: asksOf(sessionId) } }),
      () => fleet.asks,
    ),
    advance,
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      timer?.cancel();
      database.close();
      log.close();
      folder.remove();
    },
  };
}

function writeFiles(folder: DemoFolder) {
  const data = join(folder.dataDir, 'opencode');
  mkdirSync(join(data, 'log'));
  writeFileSync(join(folder.cacheDir, 'opencode', 'models.json'), modelsCache());
  writeFileSync(join(folder.configDir, 'opencode', 'opencode.json'), opencodeConfig());
  return { databasePath: join(data, 'opencode.db'), logPath: join(data, 'log', 'opencode.log') };
}

function environment(folder: DemoFolder): Record<string, string> {
  return {
    XDG_DATA_HOME: folder.dataDir,
    XDG_CONFIG_HOME: folder.configDir,
    XDG_CACHE_HOME: folder.cacheDir,
    XDG_STATE_HOME: folder.stateDir,
  };
}

/**
 * The log that all processes of the fleet share. opencode never truncates its log (opencode.md, "Log from 1.17"). This
 * one is truncated above `capBytes`, as by logrotate's copytruncate, so that a demo can run for weeks.
 */
export class FleetLog {
  readonly #fd: number;
  readonly #capBytes: number;
  #sizeBytes = 0;

  constructor(path: string, capBytes: number) {
    this.#fd = openSync(path, 'w', 0o644);
    this.#capBytes = capBytes;
  }

  /** Appends the log lines among the events and updates the log position of their processes. */
  append(events: readonly FleetEvent[]): void {
    if (this.#sizeBytes > this.#capBytes) {
      ftruncateSync(this.#fd, 0);
      this.#sizeBytes = 0;
    }
    const startBytes = this.#sizeBytes;
    const lines: string[] = [];
    for (const event of events) {
      if (event.kind !== 'log') continue;
      lines.push(event.line);
      this.#sizeBytes += Buffer.byteLength(event.line);
      event.process.logPositionBytes = this.#sizeBytes;
    }
    if (lines.length > 0) writeSync(this.#fd, lines.join(''), startBytes);
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#fd);
  }
}
