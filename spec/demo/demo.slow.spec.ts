import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../lib/demo/demo.ts';
import type { Board, Row } from '../../lib/domain/board/board.ts';
import { buildBoard } from '../../lib/domain/board/build-board.ts';
import { TokenHistory } from '../../lib/domain/board/history.ts';
import { correlate } from '../../lib/domain/evidence/correlate.ts';
import type { Match } from '../../lib/domain/evidence/match.ts';
import { noActivity } from '../../lib/domain/evidence/rules/activity.ts';
import { stateNames } from '../../lib/domain/session/state.ts';
import { createLogSource } from '../../lib/sources/log/log-source.ts';
import { OpencodeConfig } from '../../lib/sources/opencode/configuration.ts';
import { ModelCatalog } from '../../lib/sources/opencode/models.ts';
import { SessionDatabase } from '../../lib/sources/opencode/session-database.ts';
import { openDatabaseReader } from '../../lib/sources/sqlite/snapshot.ts';
import { loadSqlEngine } from '../../lib/sources/sqlite/sql-engine.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { handClock } from '../support/clock.ts';
import { readCopy } from '../support/native-sqlite.ts';

const openingMs = Date.parse('2026-11-22T15:00:00Z');
const secondMs = 1000;
const minuteMs = 60 * secondMs;
let temporaryDir: string;
let demo: Demo | undefined;

beforeEach(() => {
  temporaryDir = mkdtempSync(join(tmpdir(), 'otop-demo-spec-'));
});

afterEach(() => {
  demo?.dispose();
  rmSync(temporaryDir, { recursive: true, force: true });
});

/** Reads a demo with the real sources and rules; returns a function that builds the Board at any time. */
async function watch(watched: Demo) {
  const engine = await loadSqlEngine();
  const database = new SessionDatabase(openDatabaseReader(watched.databasePath, engine));
  const log = createLogSource();
  const places = { env: watched.env, homeDir: watched.homeDir };
  const models = new ModelCatalog(places, new OpencodeConfig(places));
  const history = new TokenHistory();
  let previous: readonly Match[] = [];
  return async (nowMs: number): Promise<Board> => {
    const processes = await watched.processes.sample('full', nowMs);
    const logs = log.refresh(processes.processes, nowMs);
    const named = [...logs.byPid.values()].flatMap(({ sessions }) =>
      sessions.map(({ sessionId }) => sessionId),
    );
    const request = {
      sessionIds: new Set(named),
      directories: new Set(processes.processes.flatMap(({ cwd }) => cwd ?? [])),
      includeIdle: true,
      sums: true,
    };
    const budget = { elapsedMs: () => 0, sessionsMs: 10_000, minSessions: 0, passesMs: 10_000 };
    const dayStartMs = nowMs - 15 * 60 * minuteMs;
    const { sessions, today, problem } = database.refresh({ request, nowMs, dayStartMs, budget });
    expect(problem).toBeUndefined();
    await models.refresh([]);
    const { matches } = correlate({
      processes: processes.processes,
      sessions,
      log: logs.byPid,
      extraEvidence: [],
      previous,
      activity: noActivity,
      nowMs,
    });
    previous = matches;
    return buildBoard({
      readings: {
        nowMs,
        processes,
        log: logs,
        sessions: { atMs: nowMs, sessions, ...(today && { today }), troubles: [] },
      },
      matches,
      viewedAtMs: new Map(),
      viewedBaselineMs: watched.viewedUntilMs,
      lookup: models.lookup,
      history,
      host: sanitize('demo'),
      machineId: 'here-id',
      includeIdle: true,
      includeTools: false,
      demo: true,
    });
  };
}

function summary({ state, session, process, match, context, cost }: Row): string {
  const percent = context.percent === undefined ? '-' : `${Math.round(context.percent)}%`;
  return [
    process?.kind ?? 'gone',
    match?.evidence ?? '-',
    match?.confidence ?? '-',
    [state.name, state.askingFor, state.raisedFrom && 'raised', state.unread && 'unread']
      .filter(Boolean)
      .join(' '),
    session?.title ?? '-',
    percent,
    cost?.own === undefined ? 'no price' : 'priced',
  ].join(' | ');
}

/** Result of real SQLite's integrity check on the live database. */
function integrityOf(path: string): unknown[] {
  return readCopy(path, (database) => Object.values(database.prepare('pragma integrity_check').get() ?? {}));
}

describe('the demo, read by the real sources', () => {
  it('opens with every planned state, each matched to its process without a guess', async () => {
    demo = await startDemo({ seed: 1, nowMs: openingMs, temporaryDir });
    const board = await (await watch(demo))(openingMs);
    const rows = board.rows.filter(({ process, state }) => process !== undefined || state.name === 'stale');
    expect(rows.map(summary)).toMatchInlineSnapshot(`
      [
        "tui | log | likely | idle | Compare the two logging libraries | 14% | priced",
        "tui | log | certain | thinking | Rewrite the config parser in Rust | 56% | priced",
        "tui | log | certain | asking permission | Refactor the api client | 82% | priced",
        "tui | log | certain | compacting | Understand the billing module before we touch it | 98% | priced",
        "tui | log | certain | asking permission raised | Add passkeys to the login page | 57% | priced",
        "tui | log | certain | tool use | Find the flaky checkout spec | 9% | priced",
        "tui | log | certain | queued | Speed up the product search | 11% | priced",
        "tui | log | certain | asking question | Choose a store for the job queue | 30% | priced",
        "tui | log | certain | retrying | Dark mode for the app | 4% | priced",
        "serve | log | certain | tool use | Move the cluster to the new region | 54% | priced",
        "tui | log | certain | truncated | 日本語のドキュメントを更新する | 5% | priced",
        "tui | log | certain | error | Tidy the shell scripts | 56% | no price",
        "tui | log | certain | idle unread | Level editor: undo and redo | 27% | priced",
        "tui | log | certain | generating | Debug the nightly pipeline 🌙 | 26% | priced",
        "tui | - | - | new | - | - | no price",
        "run | log | certain | generating | Review the open pull requests | - | priced",
        "gone | - | - | stale | Port the save games | 11% | priced",
      ]
    `);
    expect(board.troubles).toEqual([]);
  });

  it.each([2, 3, 99])('shows its planned states with seed %i', async (seed) => {
    demo = await startDemo({ seed, nowMs: openingMs, temporaryDir });
    const board = await (await watch(demo))(openingMs);
    for (const { title, state, askingFor } of demo.expects) {
      const row = board.rows.find((one) => (one.session?.title ?? undefined) === title);
      expect([title, row?.state.name, row?.state.askingFor]).toEqual([title, state, askingFor]);
    }
    for (const name of stateNames) expect([name, board.counts[name]]).not.toEqual([name, 0]);
  });

  it('matches every live session and changes states for 15 minutes', async () => {
    demo = await startDemo({ seed: 5, nowMs: openingMs, temporaryDir });
    const boardAt = await watch(demo);
    const seen = new Map<string, Set<string>>();
    for (let nowMs = openingMs; nowMs <= openingMs + 15 * minuteMs; nowMs += 30 * secondMs) {
      demo.advance(nowMs);
      const board = await boardAt(nowMs);
      for (const { process, session, match, state } of board.rows) {
        if (process === undefined || session === undefined) continue;
        const known = [nowMs - openingMs, session.title, match?.confidence];
        expect(known).not.toEqual([nowMs - openingMs, session.title, 'guess']);
        seen.set(session.id, (seen.get(session.id) ?? new Set()).add(state.name));
      }
    }
    expect(integrityOf(demo.databasePath)).toEqual(['ok']);
    const states = new Set([...seen.values()].flatMap((names) => [...names]));
    expect([...states]).toEqual(
      expect.arrayContaining(['asking', 'generating', 'thinking', 'tool use', 'idle']),
    );
    expect([...seen.values()].filter(({ size }) => size >= 3).length).toBeGreaterThan(8);
  });

  it('advances by timers if it has a clock, and stops when disposed', async () => {
    const clock = handClock(openingMs);
    demo = await startDemo({ seed: 1, nowMs: openingMs, temporaryDir, clock });
    const boardAt = await watch(demo);
    const before = (await boardAt(openingMs)).rows.map(summary);
    await clock.advance(40 * secondMs);
    expect((await boardAt(openingMs + 40 * secondMs)).rows.map(summary)).not.toEqual(before);
    demo.dispose();
    demo.dispose();
    expect(clock.pendingCount).toBe(0);
    expect(existsSync(demo.databasePath)).toBe(false);
    expect(readdirSync(temporaryDir)).toEqual([]);
  });
});
