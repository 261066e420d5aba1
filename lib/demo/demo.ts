import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import type { ProcessSource } from '../domain/board/readings.ts';
import type { Clock, Timer } from '../system/clock.ts';
import { demoHome } from './cast.ts';
import { createDemoFolder, type DemoFolder } from './demo-folder.ts';
import { Fleet } from './fleet.ts';
import { FleetDatabase } from './fleet-database.ts';
import type { FleetEvent } from './fleet-event.ts';
import { describeProcess } from './fleet-processes.ts';
import { modelsCache, opencodeConfig } from './models.ts';
import { Random } from './random.ts';
import type { Expectation } from './roles.ts';

/** What decides a demo. */
export interface DemoOptions {
  readonly seed: number;
  /** The moment at which every state is there; frames repeat when it does. */
  readonly nowMs: number;
  /** Where the demo's folder is made: the machine's temporary directory. */
  readonly temporaryDir: string;
  /** Moves the fleet by itself, a few times a second at the most; without it only `advance` does. */
  readonly clock?: Clock;
  /** How many processes with sessions; 16 unless told. */
  readonly liveSessions?: number;
  /** Size of the log beyond which it is emptied; 64 MiB unless told. */
  readonly logCapBytes?: number;
  /** How long sessions that nobody runs stay in the database; a day unless told. */
  readonly keepMs?: number;
}

/** A simulated fleet on disk, to be read by the same sources as real opencode. */
export interface Demo {
  readonly databasePath: string;
  readonly logPath: string;
  /** XDG directories for the sources of models and configuration, which find the fleet's own there. */
  readonly env: Readonly<Record<string, string>>;
  /** The fleet's home directory, to be shown as `~`. */
  readonly homeDir: string;
  readonly processes: ProcessSource;
  /** What each session shows at `nowMs`. */
  readonly expects: readonly Expectation[];
  /** Sessions whose turn ended after this are unread. */
  readonly viewedUntilMs: number;
  /** Lets the fleet live up to `nowMs`: rows, log lines and processes are there when it returns. */
  advance(nowMs: number): void;
  /** Stops it and removes everything; idempotent. */
  dispose(): void;
}

/** No more commits than this, however much happens: four a second. */
const leastPauseMs = 250;
/** A turn that ended within the last ten minutes counts as not yet looked at. */
const unreadMs = 10 * 60_000;
const defaultLogCapBytes = 64 * 1024 * 1024;

/** Makes a fleet with its history in a temporary folder of its own; rejects with what the file system says. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { seed, nowMs, clock, logCapBytes = defaultLogCapBytes } = options;
  const sql = await initSqlJs();
  const folder = createDemoFolder(options.temporaryDir);
  const files = writeFiles(folder);
  const random = new Random(seed ^ 0x5a17);
  const fleet = new Fleet({ ...options, openingMs: nowMs });
  const history = fleet.advance(nowMs);
  const log = new FleetLog(files.logPath, logCapBytes);
  log.append(history);
  const database = new FleetDatabase(sql, files.databasePath, { random32: () => random.next32() }, history);
  let timer: Timer | undefined;
  let disposed = false;

  const advance = (toMs: number) => {
    if (disposed) return;
    const events = fleet.advance(toMs);
    // The rows first: a log line may name a session, never the other way round.
    database.apply(events);
    log.append(events);
  };
  const tick = (of: Clock) => {
    timer = of.after(Math.max(leastPauseMs, fleet.nextEventMs - of.nowMs()), () => {
      advance(of.nowMs());
      tick(of);
    });
  };
  if (clock) tick(clock);

  return {
    ...files,
    env: environment(folder),
    homeDir: demoHome,
    expects: fleet.expects,
    viewedUntilMs: nowMs - unreadMs,
    processes: {
      sample: async (_look, atMs) => ({
        atMs,
        processes: [...fleet.processes.values()].map((one) => describeProcess(one, files, atMs)),
        troubles: [],
      }),
      close() {
        // Nothing is held: `dispose` ends the fleet.
      },
    },
    advance,
    dispose() {
      if (disposed) return;
      disposed = true;
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
 * The log that all processes of the fleet share. opencode never shortens it (opencode.md, "Log from 1.17"); beyond
 * `capBytes` it is emptied as logrotate's copytruncate would, so that a demo may run for weeks.
 */
export class FleetLog {
  readonly #fd: number;
  readonly #capBytes: number;
  #sizeBytes = 0;

  constructor(path: string, capBytes: number) {
    this.#fd = openSync(path, 'w', 0o644);
    this.#capBytes = capBytes;
  }

  /** Appends the events' lines and moves the descriptors of those who wrote them. */
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

  close(): void {
    closeSync(this.#fd);
  }
}
