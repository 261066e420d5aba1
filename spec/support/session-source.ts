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
/** The default time of specs. */
export const noonMs = Date.UTC(2026, 10, 22, 12);

export const engine = await loadSqlEngine();

/** Creates a temporary folder for one spec. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'otop-sessions-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Opens a session source with its home in `folder`; its days begin at midnight UTC, and its clock is simulated. */
export function sourceIn(folder: string, options: Partial<SessionSourceOptions> = {}): DatabaseSessions {
  let monotonicMs = 0;
  return openSessionSource({
    engine,
    env: {},
    homeDir: folder,
    cwd: folder,
    // Each call advances the clock by 5 s: so every refresh lists folders, and budgets run out at once.
    monotonicMs: () => {
      monotonicMs += 5000;
      return monotonicMs;
    },
    dayStartMs: (nowMs) => nowMs - (nowMs % dayMs),
    ...options,
  });
}

/** Returns a request without named sessions and directories. */
export function requestOf(request: Partial<SessionRequest> = {}): SessionRequest {
  return { sessionIds: new Set(), directories: new Set(), includeIdle: true, sums: true, ...request };
}

/** Refreshes until everything is read; throws after 500 refreshes. */
export function settle(source: DatabaseSessions, request: SessionRequest, nowMs = noonMs): SessionReading {
  for (let tries = 0; tries < 500; tries += 1) {
    const reading = source.refresh(request, nowMs);
    if (reading.unfinished !== true && reading.totalsProgress === undefined) return reading;
  }
  throw new Error('never finished');
}
