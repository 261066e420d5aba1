import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionReading, SessionRequest } from '../../lib/domain/board/readings.ts';
import {
  type DatabaseSessions,
  openSessionSource,
  type SessionSourceOptions,
} from '../../lib/sources/opencode/sessions.ts';
import { loadSqlEngine } from '../../lib/sources/sqlite/sql-engine.ts';

const dayMs = 24 * 3600 * 1000;
/** A quiet noon; specs count from here. */
export const noonMs = Date.UTC(2026, 10, 22, 12);

export const engine = await loadSqlEngine();

/** A folder of its own for one spec. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'otop-sessions-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A session source with a home in `folder`, whose days begin at midnight UTC, and where time only passes when told. */
export function sourceIn(folder: string, options: Partial<SessionSourceOptions> = {}): DatabaseSessions {
  let monotonicMs = 0;
  return openSessionSource({
    engine,
    env: {},
    homeDir: folder,
    cwd: folder,
    // Five seconds for each call that asks: folders are listed at every refresh, and budgets are used up at once.
    monotonicMs: () => {
      monotonicMs += 5000;
      return monotonicMs;
    },
    dayStartMs: (nowMs) => nowMs - (nowMs % dayMs),
    ...options,
  });
}

/** A request for nothing in particular. */
export function requestOf(request: Partial<SessionRequest> = {}): SessionRequest {
  return { sessionIds: new Set(), directories: new Set(), includeIdle: true, sums: true, ...request };
}

/** Refreshes until there is nothing more to read. */
export function settle(source: DatabaseSessions, request: SessionRequest, nowMs = noonMs): SessionReading {
  for (let look = 0; look < 500; look += 1) {
    const reading = source.refresh(request, nowMs);
    if (reading.unfinished !== true && reading.totalsProgress === undefined) return reading;
  }
  throw new Error('never finished');
}
