import { dirname } from 'node:path';
import type { SessionReading, SessionRequest } from '../../lib/domain/board/readings.ts';
import {
  type DatabaseSessions,
  localDayStartMs,
  openSessionSource,
} from '../../lib/sources/opencode/sessions.ts';
import type { SqlEngine } from '../../lib/sources/sqlite/sql-engine.ts';

/** The requested sessions by id, and directories. */
export interface Wanted {
  readonly sessionIds: readonly string[];
  readonly directories: readonly string[];
}

/** The measured session source, with the monitor's request. */
export class Subject {
  readonly #source: DatabaseSessions;
  readonly #request: SessionRequest;

  constructor(path: string, engine: SqlEngine, wanted: Wanted) {
    this.#request = {
      sessionIds: new Set(wanted.sessionIds),
      directories: new Set(wanted.directories),
      includeIdle: false,
      sums: true,
    };
    this.#source = openSessionSource({
      engine,
      env: {},
      homeDir: dirname(path),
      cwd: dirname(path),
      db: path,
      monotonicMs: () => performance.now(),
      dayStartMs: localDayStartMs,
    });
  }

  get watchPaths(): readonly string[] {
    return this.#source.watchPaths;
  }

  /** Returns a reading. Throws if it has troubles, since the figures would be meaningless. */
  refresh(): SessionReading {
    const reading = this.refreshOrTrouble();
    if (reading.troubles.length > 0) throw new Error(reading.troubles.map(({ text }) => text).join('\n'));
    return reading;
  }

  refreshOrTrouble(): SessionReading {
    return this.#source.refresh(this.#request, Date.now());
  }

  close(): void {
    this.#source.close();
  }
}

/** True if the next refresh continues work that this one had no time for. */
export function isUnfinished(reading: SessionReading): boolean {
  return reading.unfinished === true || reading.totalsProgress !== undefined;
}
