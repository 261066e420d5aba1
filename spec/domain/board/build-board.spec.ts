import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Board, Row } from '../../../lib/domain/board/board.ts';
import { type BoardInput, buildBoard } from '../../../lib/domain/board/build-board.ts';
import { TokenHistory } from '../../../lib/domain/board/history.ts';
import type { LogFacts } from '../../../lib/domain/evidence/log-facts.ts';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import type { Session } from '../../../lib/domain/session/session.ts';
import {
  ago,
  ask,
  assistant,
  finished,
  logFacts,
  match,
  nowMs,
  process,
  session,
  text,
  textPart,
  tokens,
  toolPart,
  working,
} from '../../support/builders.ts';

interface Scene extends Partial<Omit<BoardInput, 'readings'>> {
  readonly processes?: readonly OpencodeProcess[];
  readonly sessions?: readonly Session[];
  readonly logs?: readonly LogFacts[];
}

/** A Board with one TUI whose session is idle; the arguments replace parts of it. */
function board({ processes = [process()], sessions = [session()], logs = [], ...some }: Scene = {}): Board {
  return buildBoard({
    readings: {
      nowMs,
      processes: { atMs: nowMs, processes, troubles: [] },
      sessions: { atMs: nowMs, sessions: new Map(sessions.map((one) => [one.id, one])), troubles: [] },
      log: { byPid: new Map(logs.map((one) => [one.pid, one])), watchPaths: [], troubles: [] },
    },
    matches: [match()],
    viewedAtMs: new Map(),
    lookup: () => undefined,
    history: new TokenHistory(),
    host: text('here'),
    machineId: 'here-id',
    includeIdle: false,
    includeTools: false,
    demo: false,
    ...some,
  });
}

/** Each row as `key pid state`, followed by its indented subagents. */
function describeRows({ rows }: Board): string[] {
  return rows.flatMap((row: Row) => [
    `${row.key} ${row.process?.pid ?? '-'} ${row.state.name}${row.state.unread ? ' unread' : ''}`,
    ...row.children.map(({ session: sub, state, depth }) => `${'  '.repeat(depth)}${sub.id} ${state.name}`),
  ]);
}

const serve = process({ pid: 50, kind: 'serve' });
const onServe = (sessionId: string) => match(50, sessionId, { evidence: 'server' });
const busy = (id: string, some: Partial<Session> = {}) => ({ ...working([textPart(3)]), id, ...some });

describe('the rows of the Board', () => {
  it('are one for each process, with its session or alone', () => {
    const processes = [process(), process({ pid: 2 }), process({ pid: 3, kind: 'attach' })];
    expect(describeRows(board({ processes }))).toEqual(['ses_a 2878 idle', 'pid:2 2 new', 'pid:3 3 idle']);
  });

  it('do not include processes of opencode’s own shell tool, unless requested', () => {
    const processes = [process(), process({ pid: 2, startedByPid: 2878 })];
    expect(describeRows(board({ processes }))).toEqual(['ses_a 2878 idle']);
    expect(describeRows(board({ processes, includeTools: true }))).toEqual([
      'ses_a 2878 idle',
      'pid:2 2 new',
    ]);
  });

  it('of a server are its sessions that work, wait or ended unread', () => {
    const failed = assistant({ completedAtMs: ago(5), error: { name: text('APIError') } });
    const scene: Scene = {
      processes: [serve],
      sessions: [
        busy('ses_busy'),
        session({ id: 'ses_rest' }),
        session({ id: 'ses_done', newestAssistant: finished(4) }),
        session({ id: 'ses_failed', newestAssistant: failed }),
      ],
      matches: ['ses_busy', 'ses_rest', 'ses_done', 'ses_failed'].map(onServe),
      viewedAtMs: new Map([['ses_done', ago(9)]]),
    };
    const shown = ['ses_busy 50 generating', 'ses_done 50 idle unread', 'ses_failed 50 error'];
    expect(describeRows(board(scene))).toEqual(shown);
    expect(describeRows(board({ ...scene, includeIdle: true }))).toContain('ses_rest 50 idle');
  });

  it('of a server without such a session are the server itself', () => {
    expect(describeRows(board({ processes: [serve], matches: [onServe('ses_a')] }))).toEqual([
      'pid:50 50 idle',
    ]);
  });

  it('of a TUI are its visible session, and those that work in the background', () => {
    const sessions = [session(), busy('ses_left'), session({ id: 'ses_old' })];
    const matches = [match(), match(2878, 'ses_left'), match(2878, 'ses_old')];
    expect(describeRows(board({ sessions, matches }))).toEqual([
      'ses_a 2878 idle',
      'ses_left 2878 generating',
    ]);
  });

  it('have no session twice, and include a process whose session was not read yet', () => {
    const processes = [process(), process({ pid: 2 }), process({ pid: 3 })];
    const matches = [match(), match(2), match(3, 'ses_unread')];
    const { rows } = board({ processes, matches });
    expect(rows.map(({ key }) => key)).toEqual(['ses_a', 'pid:2', 'pid:3']);
    expect(rows.map((row) => row.match?.sessionId)).toEqual(['ses_a', undefined, 'ses_unread']);
  });

  it('include sessions without a process if requested: roots that are not archived, newest first', () => {
    const sessions = [
      session(),
      session({ id: 'ses_old', activeAtMs: ago(900) }),
      busy('ses_cut', { activeAtMs: ago(100) }),
      session({ id: 'ses_gone', archivedAtMs: ago(10) }),
      session({ id: 'ses_sub', parentId: 'ses_old' }),
    ];
    expect(describeRows(board({ sessions }))).toEqual(['ses_a 2878 idle']);
    expect(describeRows(board({ sessions, includeIdle: true }))).toEqual([
      'ses_a 2878 idle',
      'ses_cut - stale',
      'ses_old - idle',
      '  ses_sub idle',
    ]);
  });

  it('have every process and no session twice, with any matches', () => {
    const pids = [1, 2, 3];
    const kinds = fc.constantFrom('tui', 'run', 'serve', 'attach');
    const pairs = fc.array(fc.tuple(fc.constantFrom(...pids), fc.constantFrom('ses_a', 'ses_b', 'ses_gone')));
    fc.assert(
      fc.property(
        fc.array(kinds, { minLength: 3, maxLength: 3 }),
        pairs,
        fc.boolean(),
        (kind, found, includeIdle) => {
          const { rows } = board({
            processes: pids.map((pid, index) => process({ pid, kind: kind[index] ?? 'tui' })),
            sessions: [session(), busy('ses_b')],
            matches: found.map(([pid, id]) => match(pid, id)),
            includeIdle,
          });
          const keys = rows.map(({ key }) => key);
          expect(new Set(keys).size).toBe(keys.length);
          for (const pid of pids) expect(rows.some((row) => row.process?.pid === pid)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are empty if all sources are missing', () => {
    const { rows } = buildBoard({ ...emptyInput, readings: { nowMs } });
    expect(rows).toEqual([]);
  });
});

const emptyInput: Omit<BoardInput, 'readings'> = {
  matches: [],
  viewedAtMs: new Map(),
  lookup: () => undefined,
  history: new TokenHistory(),
  host: text('here'),
  machineId: 'here-id',
  includeIdle: true,
  includeTools: true,
  demo: false,
};

describe('subagents on the Board', () => {
  const task = toolPart({ tool: text('task'), subject: text('explore') });
  const asks = assistant({ parts: [toolPart({ hasMetadata: false })] });
  const family = [
    { ...working([task]), cost: 1, tokens: tokens({ output: 9 }) },
    session({
      id: 'ses_1',
      parentId: 'ses_a',
      createdAtMs: ago(50),
      cost: 0.5,
      newestAssistant: assistant({ parts: [task] }),
    }),
    session({
      id: 'ses_11',
      parentId: 'ses_1',
      createdAtMs: ago(40),
      cost: 0.25,
      newestAssistant: asks,
      title: text('deep'),
    }),
    session({ id: 'ses_2', parentId: 'ses_a', createdAtMs: ago(20), cost: 0.125 }),
  ];

  it("are in their root's row at any depth, newest first, and their asks and cost rise to the root", () => {
    const shown = board({ sessions: family, logs: [logFacts({ asks: [ask(9.9)] })] });
    expect(describeRows(shown)).toEqual([
      'ses_a 2878 asking',
      '  ses_2 idle',
      '  ses_1 asking',
      '    ses_11 asking',
    ]);
    expect(shown.rows[0]?.state.raisedFrom).toEqual({ sessionId: 'ses_11', title: 'deep' });
    expect(shown.rows[0]?.cost).toEqual({ own: 1, total: 1.875 });
    expect(shown.needsYouCount).toBe(1);
  });

  it('end at a cycle in the data', () => {
    const circle = [
      session(),
      session({ id: 'ses_1', parentId: 'ses_1' }),
      session({ id: 'ses_2', parentId: 'ses_a' }),
    ];
    expect(
      describeRows(board({ sessions: [...circle, session({ id: 'ses_a', parentId: 'ses_2' })] })).length,
    ).toBeLessThan(30);
  });

  it('add their tokens per minute to those of their root', () => {
    const history = new TokenHistory();
    history.add('ses_a', nowMs, 5, nowMs);
    history.add('ses_11', nowMs, 3, nowMs);
    const { rows, tokensPerMinute } = board({ sessions: family, history });
    expect(rows[0]?.tokensPerMinute?.at(-1)).toBe(8);
    expect(tokensPerMinute.at(-1)).toBe(8);
  });
});

describe('the Board as a whole', () => {
  it('counts states, sessions that need the user and sessions that ended unread', () => {
    const failed = assistant({ completedAtMs: ago(5), error: { name: text('APIError') } });
    const shown = board({
      processes: [process(), process({ pid: 2 }), process({ pid: 3 })],
      sessions: [session(), session({ id: 'ses_b', newestAssistant: failed })],
      matches: [match(), match(2, 'ses_b')],
      viewedBaselineMs: ago(3600),
    });
    expect(shown.counts).toMatchObject({ idle: 1, error: 1, new: 1, asking: 0 });
    expect([shown.needsYouCount, shown.unreadCount]).toEqual([1, 1]);
  });

  it('holds each trouble once', () => {
    const trouble = { source: 'config', text: text('broken') } as const;
    const other = { source: 'models', text: text('broken') } as const;
    expect(board({ troubles: [trouble, other, trouble] }).troubles).toEqual([trouble, other]);
  });

  it('has no trouble with a missing database where no opencode runs, and says where otop looked', () => {
    const lookedFor = [text('~/opencode.db')];
    const absent = { source: 'database', text: text('no database yet'), lookedFor } as const;
    const nobody = board({ processes: [], sessions: [], matches: [], troubles: [absent] });
    expect([nobody.troubles, nobody.lookedFor]).toEqual([[], lookedFor]);
    const running = board({ sessions: [], matches: [], troubles: [absent] });
    expect([running.troubles, running.lookedFor]).toEqual([[absent], undefined]);
    const named = { source: 'database', text: text('no database yet') } as const;
    const missing = board({ processes: [], sessions: [], matches: [], troubles: [named] });
    expect([missing.troubles, missing.lookedFor]).toEqual([[named], undefined]);
  });

  it("shows an ask that the plugin reports in the session's own row", () => {
    const live = {
      source: 'marker',
      sessionId: 'ses_a',
      atMs: ago(0.2),
      asks: [{ id: 'per_1', kind: 'permission', tool: text('bash'), patterns: [text('npm test')] }],
    } as const;
    const { rows } = buildBoard({
      ...emptyInput,
      matches: [match()],
      readings: {
        nowMs,
        processes: { atMs: nowMs, processes: [process()], troubles: [] },
        sessions: { atMs: nowMs, sessions: new Map([['ses_a', working([toolPart()])]]), troubles: [] },
        reports: { evidence: [], statuses: new Map([['ses_a', live]]), troubles: [] },
      },
    });
    expect(rows[0]?.state).toMatchObject({ name: 'asking', rule: 'live-ask', sinceMs: ago(0.2) });
  });

  it('counts the rows of other hosts and lists the hosts', () => {
    const away = { name: text('box'), kind: 'ssh', link: 'away', why: text('no route to host') } as const;
    const other = board({ processes: [process()], sessions: [session()], matches: [match()] }).rows;
    const { rows, hosts, counts } = buildBoard({
      ...emptyInput,
      readings: { nowMs, hosts: [{ host: away, rows: other, troubles: [] }] },
    });
    expect(rows).toEqual(other);
    expect(hosts).toEqual([away]);
    expect(counts.idle).toBe(1);
  });

  it('has no session twice: a local process comes first, then another host, then a database without a process', () => {
    const rest = { name: 'idle', needsYou: false, unread: false, rule: 'spec' } as const;
    const here = session({ id: 'ses_here' });
    const there = session({ id: 'ses_there' });
    const rowOf = (one: ReturnType<typeof session>) =>
      ({
        key: `box ${one.id}`,
        host: text('box'),
        session: one,
        context: {},
        children: [],
        state: rest,
      }) as const;
    const box = { name: text('box'), kind: 'server', link: 'live' } as const;
    const { rows } = buildBoard({
      ...emptyInput,
      readings: {
        nowMs,
        processes: { atMs: nowMs, processes: [process()], troubles: [] },
        sessions: {
          atMs: nowMs,
          sessions: new Map([here, there].map((one) => [one.id, one])),
          troubles: [],
        },
        hosts: [{ host: box, rows: [rowOf(here), rowOf(there)], troubles: [] }],
      },
      matches: [match(process().pid, 'ses_here')],
      includeIdle: true,
    });
    expect(rows.map(({ key, host }) => `${host} ${key}`)).toEqual(['here ses_here', 'box box ses_there']);
  });
});
