import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Trouble } from '../../domain/board/board.ts';
import type { SessionReading, SessionRequest, SessionSource } from '../../domain/board/readings.ts';
import { addTotals } from '../../domain/board/totals.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Session, Totals } from '../../domain/session/session.ts';
import { namesIn, realPath } from '../../system/files.ts';
import type { Surroundings } from '../../system/surroundings.ts';
import { openDatabaseReader } from '../sqlite/snapshot.ts';
import type { SqlEngine } from '../sqlite/sql-engine.ts';
import {
  type DatabasePlaces,
  damagedRows,
  databasePlaces,
  jsonStorage,
  noDatabase,
  troubleOf,
} from './databases.ts';
import type { Budget } from './look.ts';
import { type DatabaseReading, SessionDatabase } from './session-database.ts';

/** The environment of the session source. */
export interface SessionSourceOptions extends Surroundings {
  readonly engine: SqlEngine;
  readonly cwd: string;
  /** The path of `--db PATH`. */
  readonly db?: string;
  /** A monotonic clock in milliseconds, for budgets. */
  readonly monotonicMs: () => number;
  /** The midnight before a time, in the time zone of "today"; both in epoch ms. */
  readonly dayStartMs: (nowMs: number) => number;
}

/** A session source that also reads the databases of live processes. */
export interface DatabaseSessions extends SessionSource {
  /** Sets the databases that live processes hold open now; replaces the earlier ones. */
  holdPaths(paths: readonly string[]): void;
}

/** The local midnight before a time, both in epoch ms. */
export function localDayStartMs(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0);
}

/** Creates the session source. It opens no file before the first refresh. */
export function openSessionSource(options: SessionSourceOptions): DatabaseSessions {
  return new AllDatabases(options);
}

/** Folders are listed this often for new databases. A database that a process opens is known at once. */
const listIntervalMs = 5000;
/** The first look may take longer, since the screen is empty until then. */
const firstBudget = { sessionsMs: 40, minSessions: 8, passesMs: 45 };
const laterBudget = { sessionsMs: 3, minSessions: 1, passesMs: 3.5 };

/** A burst of writes may keep otop from reading. Rows up to this old are no trouble. */
const busyGraceMs = 2000;

interface Opened {
  readonly database: SessionDatabase;
  /** The time of the last successful reading (epoch ms). */
  goodAtMs: number | undefined;
}

/** The session source over all databases; the methods are documented in `DatabaseSessions` and `SessionSource`. */
class AllDatabases implements DatabaseSessions {
  readonly #options: SessionSourceOptions;
  readonly #opened = new Map<string, Opened>();
  #held: readonly string[] = [];
  #places: DatabasePlaces;
  #listedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: SessionSourceOptions) {
    this.#options = options;
    this.#places = this.#findPlaces();
  }

  get watchPaths(): readonly string[] {
    return [...this.#opened.keys()].flatMap((path) => [path, `${path}-wal`]);
  }

  holdPaths(paths: readonly string[]): void {
    if (paths.length === this.#held.length && paths.every((path) => this.#held.includes(path))) return;
    this.#held = [...paths];
    this.#listedAtMs = Number.NEGATIVE_INFINITY;
  }

  refresh(request: SessionRequest, nowMs: number): SessionReading {
    this.#openDatabases();
    const started = this.#options.monotonicMs();
    const dayStartMs = this.#options.dayStartMs(nowMs);
    const readings: [path: string, reading: DatabaseReading][] = [];
    for (const [path, opened] of this.#opened) {
      const budget: Budget = {
        elapsedMs: () => this.#options.monotonicMs() - started,
        ...(opened.goodAtMs === undefined ? firstBudget : laterBudget),
      };
      const reading = opened.database.refresh({ request, nowMs, dayStartMs, budget });
      if (reading.problem === undefined) opened.goodAtMs = nowMs;
      readings.push([path, reading]);
    }
    return merged(readings, this.#troubles(readings, nowMs), nowMs);
  }

  close(): void {
    for (const { database } of this.#opened.values()) database.close();
    this.#opened.clear();
  }

  #openDatabases(): void {
    const now = this.#options.monotonicMs();
    if (now - this.#listedAtMs < listIntervalMs) return;
    this.#listedAtMs = now;
    this.#places = this.#findPlaces();
    for (const path of this.#places.paths) {
      if (this.#opened.has(path)) continue;
      const database = new SessionDatabase(openDatabaseReader(path, this.#options.engine));
      this.#opened.set(path, { database, goodAtMs: undefined });
    }
    for (const [path, { database }] of this.#opened) {
      // A database known only from a process stays open after the process ended, as long as its file exists.
      if (this.#places.paths.includes(path) || existsSync(path)) continue;
      database.close();
      this.#opened.delete(path);
    }
  }

  #findPlaces(): DatabasePlaces {
    const { env, homeDir, cwd, db } = this.#options;
    const flag = db === undefined ? {} : { flag: db };
    return databasePlaces({ env, homeDir, cwd, ...flag, held: this.#held, filesIn: namesIn, realPath });
  }

  /** A missing default database is no trouble if there is another database. */
  #troubles(readings: readonly (readonly [string, DatabaseReading])[], nowMs: number): Trouble[] {
    const { homeDir } = this.#options;
    const { named, dataFolder, paths } = this.#places;
    const isAbsent = (path: string, { problem }: DatabaseReading) =>
      problem?.kind === 'missing' && this.#opened.get(path)?.goodAtMs === undefined;
    if (readings.every(([path, reading]) => isAbsent(path, reading))) {
      const folder = join(dataFolder, 'storage');
      const isOld = !named && existsSync(join(folder, 'session'));
      if (isOld) return [jsonStorage(folder, homeDir)];
      return [noDatabase(paths.length > 0 ? paths : [dataFolder], homeDir, named)];
    }
    return readings.flatMap(([path, reading]) => {
      const isDamaged = reading.isDamaged || reading.damaged.length > 0;
      const damaged = isDamaged ? [damagedRows(path, reading.damaged, homeDir)] : [];
      const goodAtMs = this.#opened.get(path)?.goodAtMs;
      const isPassing = reading.problem?.kind === 'busy' && Math.abs(nowMs - (goodAtMs ?? 0)) < busyGraceMs;
      if (reading.problem === undefined || isPassing || (isAbsent(path, reading) && !named)) return damaged;
      return [troubleOf(path, reading.problem, homeDir, goodAtMs), ...damaged];
    });
  }
}

function merged(
  readings: readonly (readonly [string, DatabaseReading])[],
  troubles: readonly Trouble[],
  nowMs: number,
): SessionReading {
  const all = readings.map(([, reading]) => reading);
  const today = sumOf(all.map((reading) => reading.today));
  const allTime = sumOf(all.map((reading) => reading.allTime));
  const read = all.filter((reading) => reading.allTime !== undefined);
  const progress = Math.min(1, ...read.map((reading) => reading.totalsProgress));
  const isUnfinished = read.some((reading) => reading.problem === undefined && reading.partial);
  return omitUndefined({
    atMs: nowMs,
    sessions: mergedSessions(all),
    today,
    allTime,
    totalsProgress: progress < 1 ? progress : undefined,
    unfinished: isUnfinished || undefined,
    troubles,
  });
}

/** Of a session in two databases, the more recently active one is shown. */
function mergedSessions(readings: readonly DatabaseReading[]): ReadonlyMap<string, Session> {
  const [only, second] = readings;
  if (only !== undefined && second === undefined) return only.sessions;
  const sessions = new Map<string, Session>();
  for (const reading of readings) {
    for (const [id, session] of reading.sessions) {
      const other = sessions.get(id);
      if (other === undefined || activeMs(session) > activeMs(other)) sessions.set(id, session);
    }
  }
  return sessions;
}

function activeMs(session: Session): number {
  return session.activeAtMs ?? session.updatedAtMs ?? 0;
}

function sumOf(totals: readonly (Totals | undefined)[]): Totals | undefined {
  const known = totals.filter((each) => each !== undefined);
  const [first, ...rest] = known;
  return first === undefined ? undefined : rest.reduce(addTotals, first);
}
