import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Board } from '../../lib/domain/board/board.ts';
import type { FeedLine } from '../../lib/domain/schema/events.ts';
import type { SessionEntry } from '../../lib/domain/schema/sessions.ts';
import { stateNames } from '../../lib/domain/session/state.ts';
import { boardFeed } from '../../lib/view/board-feed.ts';
import { sessionsJson } from '../../lib/view/sessions-json.ts';
import { board, fleet, row, state } from '../support/board.ts';
import { nowMs, process, text, tokens } from '../support/builders.ts';
import { lineFaults, sessionsFaults } from '../support/schema-faults.ts';

const origin = { host: 'desk', machineId: 'desk-id', version: '0.1.0' };
const later = (some: Partial<Board>, rows = fleet) => board(rows, { atMs: nowMs + 1000, ...some });

/** A feed that already wrote the fleet. */
function told() {
  const feed = boardFeed(origin);
  feed.next(board(fleet));
  return feed;
}

const brief = (lines: readonly FeedLine[]) =>
  lines.map((line) =>
    line.type === 'changed' ? `changed ${line.row.key}` : 'key' in line ? `removed ${line.key}` : line.type,
  );

describe('the lines of `otop sessions --watch`', () => {
  it('begin with the whole Board', () => {
    const [line, ...more] = boardFeed(origin).next(board(fleet));
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      type: 'board',
      schema_version: 1,
      otop_version: '0.1.0',
      host: 'desk',
      at_ms: nowMs,
      needs_you_count: 2,
      today: { session_count: 14, cost: 6.31 },
      rows: sessionsJson(board(fleet)),
    });
  });

  it('are empty if only the time changed', () => {
    expect(told().next(later({}))).toEqual([]);
  });

  it('are empty if only CPU and memory changed, which the next heartbeat has', () => {
    const feed = told();
    const busy = fleet.map((one) => ({
      ...one,
      process: process({ ...one.process, cpuPercent: 77, rssBytes: 2 ** 30 }),
    }));
    expect(feed.next(later({}, busy))).toEqual([]);
    expect(feed.alive(later({}, busy))).toMatchObject({
      type: 'alive',
      at_ms: nowMs + 1000,
      rows: fleet.map(({ key }) => ({ key, cpu_percent: 77, mem_mb: 1024 })),
    });
  });

  it('have a changed row completely, with the new counts', () => {
    const [first, ...rest] = fleet;
    const changed = [...rest, { ...row('idle1', 'Write the changelog'), state: state('thinking', 1) }];
    expect(first?.key).toBe('ses_dfc4cf0c2ffeidle1');
    expect(brief(told().next(later({}, changed)))).toEqual(['changed ses_dfc4cf0c2ffeidle1', 'summary']);
  });

  it('have removed rows and new rows', () => {
    const [, ...rest] = fleet;
    const lines = told().next(later({}, [...rest, row('new1', 'A new one')]));
    expect(brief(lines)).toEqual(['removed ses_dfc4cf0c2ffeidle1', 'changed ses_dfc4cf0c2ffenew1']);
  });

  it('have a trouble when it appears and when it is over', () => {
    const feed = told();
    const troubles = [{ source: 'database' as const, text: text('it is locked'), staleSinceMs: nowMs }];
    expect(feed.next(later({ troubles }))).toMatchObject([
      {
        type: 'summary',
        troubles: [{ source: 'database', text: 'it is locked', stale_since_ms: nowMs }],
      },
    ]);
    expect(feed.next(later({}))).toMatchObject([{ type: 'summary', troubles: [] }]);
  });
});

describe('a reader of the lines', () => {
  /** The reader's state after these lines: rows by key, and the counts. */
  function read(lines: readonly FeedLine[]) {
    const rows = new Map<string, SessionEntry>();
    let asking = 0;
    for (const line of lines) {
      if (line.type === 'board') for (const each of line.rows) rows.set(each.key, each);
      if (line.type === 'changed') rows.set(line.row.key, line.row);
      if (line.type === 'removed') rows.delete(line.key);
      if (line.type === 'board' || line.type === 'summary') asking = line.counts.asking;
    }
    const states = [...rows.values()].map(({ key, status, session }) => `${key} ${status} ${session?.title}`);
    return { rows: states.sort(), asking };
  }

  const anyRow = fc
    .tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('x', 'y'), fc.constantFrom(...stateNames))
    .map(([id, title, name]) => row(id, title, { state: state(name, 1) }));
  const anyBoard = fc.uniqueArray(anyRow, { selector: ({ key }) => key }).map((rows) => board(rows));

  it('knows the newest Board after any earlier Boards', () => {
    fc.assert(
      fc.property(fc.array(anyBoard, { minLength: 1, maxLength: 5 }), (boards) => {
        const feed = boardFeed(origin);
        const lines = boards.flatMap((each) => feed.next(each));
        const fresh = boards.slice(-1).flatMap((each) => boardFeed(origin).next(each));
        expect(read(lines)).toEqual(read(fresh));
      }),
    );
  });
});

describe('the JSON Schema', () => {
  const { process: _process, match: _match, ...alone } = row('alone', 'No process');
  const { session: _session, ...fresh } = row('fresh', 'No session');
  const odd = [
    alone,
    { ...fresh, key: 'pid:7', state: state('new', 5) },
    row('sub', 'With a subagent', {
      state: state('asking', 5, {
        askingFor: 'question',
        raisedFrom: { sessionId: 'ses_child' },
        detail: text('Which db?'),
      }),
      children: fleet.flatMap(({ session, state: its }) =>
        session ? [{ session, state: its, depth: 1 }] : [],
      ),
      cost: {},
      context: {},
    }),
  ];
  const everything = board([...fleet, ...odd], {
    allTime: { sessionCount: 99, messageCount: 12_000, tokens: tokens({ input: 5 }) },
    totalsProgress: 0.5,
    hosts: [{ name: text('pi'), kind: 'ssh', link: 'away', heardAtMs: nowMs, why: text('no route to host') }],
    troubles: [{ source: 'tmux', text: text('tmux does not answer') }],
  });

  it('describes every key of every row, unusual rows included', () => {
    expect(sessionsFaults(sessionsJson(everything))).toEqual([]);
    expect(sessionsFaults([])).toEqual([]);
  });

  it('describes every kind of line', () => {
    const feed = boardFeed(origin);
    const lines = [
      ...feed.next(everything),
      ...feed.next(board(fleet.slice(1).map((one) => ({ ...one, state: state('thinking', 1) })))),
      feed.alive(everything),
    ];
    expect(new Set(lines.map(({ type }) => type))).toEqual(
      new Set(['board', 'removed', 'changed', 'summary', 'alive']),
    );
    expect(lines.flatMap(lineFaults)).toEqual([]);
  });

  it('rejects a field that is missing, has another type, or is not described', () => {
    const [entry] = sessionsJson(board(fleet));
    const { pid: _pid, ...without } = entry ?? { pid: 0 };
    expect(sessionsFaults([without])).toEqual(["/0 must have required property 'pid'"]);
    expect(sessionsFaults([{ ...entry, uptime_ms: -1 }])).toEqual(['/0/uptime_ms must be >= 0']);
    expect(sessionsFaults([{ ...entry, mood: 'fine' }])).toEqual(['/0 must NOT have additional properties']);
    expect(lineFaults({ type: 'removed', at_ms: nowMs })).not.toEqual([]);
  });
});
