import { dirname } from 'node:path';
import type { SessionReading, SessionRequest } from '../../lib/domain/board/readings.ts';
import {
  type DatabaseSessions,
  localDayStartMs,
  openSessionSource,
} from '../../lib/sources/opencode/sessions.ts';
import type { SqlEngine } from '../../lib/sources/sqlite/sql-engine.ts';

/** What is asked for: sessions by id, and directories. */
export interface Wanted {
  readonly sessionIds: readonly string[];
  readonly directories: readonly string[];
}

/** The session source that is measured, asked as the monitor asks it. */
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

  /** Throws where the reading has troubles: then nothing that is measured means anything. */
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

/** True while the next refresh goes on with what this one had no time for. */
export function isUnfinished(reading: SessionReading): boolean {
  return reading.unfinished === true || reading.totalsProgress !== undefined;
}
