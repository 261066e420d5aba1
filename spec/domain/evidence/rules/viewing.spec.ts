import { describe, expect, it } from 'vitest';
import type { Row } from '../../../../lib/domain/board/board.ts';
import { buildBoard } from '../../../../lib/domain/board/build-board.ts';
import { TokenHistory } from '../../../../lib/domain/board/history.ts';
import type { ReportReading, ServerLink } from '../../../../lib/domain/board/readings.ts';
import { correlate } from '../../../../lib/domain/evidence/correlate.ts';
import { noActivity } from '../../../../lib/domain/evidence/rules/activity.ts';
import type { OpencodeProcess } from '../../../../lib/domain/process/process.ts';
import type { Session } from '../../../../lib/domain/session/session.ts';
import {
  ago,
  assistant,
  child,
  nowMs,
  pane,
  process,
  session,
  text,
  toolPart,
} from '../../../support/builders.ts';

const databases = ['/home/u/.local/share/opencode/opencode.db'];
const service = (pid = 50, some: Partial<OpencodeProcess> = {}) =>
  process({ pid, kind: 'serve', args: ['serve', '--service'], databases, ports: [49374], ...some });

function viewer(pid: number, title: string, args: readonly string[] = []): OpencodeProcess {
  const shown = pane({ title: text(title), target: text(`main:${pid}`), active: pid % 2 === 0 });
  return process({ pid, args, databases: [], pane: shown });
}

/** A session of opencode 2 that ended its turn; `busy` began one 5 s ago. */
function two(id: string, some: Partial<Session> = {}): Session {
  return session({
    id: `ses_${id}`,
    title: text(`About ${id}`),
    databasePath: databases[0] ?? '',
    turnEnd: { outcome: 'succeeded', atMs: ago(100) },
    ...some,
  });
}
const busy = (id: string) => {
  const { turnEnd: _, ...rest } = two(id, { claimedAtMs: ago(5) });
  return { ...rest, newestAssistant: assistant({ seq: 9 }) };
};

/** What the sources say besides processes and sessions. */
interface More {
  readonly includeIdle?: boolean;
  readonly links?: ReadonlyMap<number, ServerLink>;
  readonly statuses?: ReportReading['statuses'];
}

/** Each row as `session pid pane state viewers`. */
function rows(
  processes: readonly OpencodeProcess[],
  sessions: readonly Session[],
  includeIdle = false,
): string[] {
  return boardRows(processes, sessions, { includeIdle }).map(
    ({ key, process: own, state, viewerPids = [] }) =>
      [key, own?.pid, own?.pane?.target ?? '-', state.name, ...viewerPids.map((pid) => `<${pid}`)].join(' '),
  );
}

function boardRows(
  processes: readonly OpencodeProcess[],
  sessions: readonly Session[],
  { includeIdle = false, links, statuses = new Map() }: More,
): readonly Row[] {
  const byId = new Map(sessions.map((each) => [each.id, each]));
  const { matches, views } = correlate({
    processes,
    sessions: byId,
    log: new Map(),
    extraEvidence: [],
    previous: [],
    activity: noActivity,
    nowMs,
  });
  const board = buildBoard({
    readings: {
      nowMs,
      processes: { atMs: nowMs, processes, troubles: [] },
      sessions: { atMs: nowMs, sessions: byId, troubles: [] },
      reports: { evidence: [], statuses, ...(links && { links }), troubles: [] },
    },
    matches,
    views,
    viewedAtMs: new Map(),
    lookup: () => undefined,
    history: new TokenHistory(),
    host: text('here'),
    machineId: 'here-id',
    includeIdle,
    includeTools: false,
    demo: false,
  });
  return board.rows;
}

describe('a TUI of opencode 2', () => {
  it('lends its session its pane, also an idle one, and has no row of its own', () => {
    expect(rows([service(), viewer(61, 'OC | About a')], [two('a'), busy('b')])).toEqual([
      'ses_b 50 - thinking',
      'ses_a 50 main:61 idle <61',
    ]);
  });

  it('is found by -s as long as its title does not contradict', () => {
    const untitled = two('a');
    const { title: _, ...unnamed } = untitled;
    expect(rows([service(), viewer(61, 'OpenCode', ['-s', 'ses_a'])], [unnamed])).toEqual([
      'ses_a 50 main:61 idle <61',
    ]);
    expect(rows([service(), viewer(61, 'OC | About b', ['-s', 'ses_a'])], [two('a'), two('b')])).toEqual([
      'ses_b 50 main:61 idle <61',
    ]);
  });

  it('shares its session with another one; the pane that a client shows comes first', () => {
    const both = [service(), viewer(61, 'OC | About a'), viewer(62, 'OC | About a')];
    expect(rows(both, [busy('a')])).toEqual(['ses_a 50 main:62 thinking <62 <61']);
  });

  it('keeps its own row while its session is unknown', () => {
    expect(rows([service(), viewer(61, 'OpenCode')], [two('a')])).toEqual([
      'pid:50 50 - idle',
      'pid:61 61 main:61 idle',
    ]);
  });
});

describe('a service of opencode 2', () => {
  it('owns the sessions of its database, at rest too', () => {
    expect(rows([service()], [two('a')], true)).toEqual(['ses_a 50 - idle']);
    const open = { ...two('a'), newestAssistant: assistant({ seq: 4 }) };
    const { turnEnd: _, ...unfinished } = open;
    expect(rows([service()], [unfinished], true)[0]).toMatch(/^ses_a 50 /);
  });

  it('does not own sessions of opencode 1 or of another database', () => {
    const old = session({ id: 'ses_old', databasePath: databases[0] ?? '', directoryPath: '/else' });
    expect(
      rows([service()], [old, two('far', { databasePath: '/other.db', directoryPath: '/else' })]),
    ).toEqual(['pid:50 50 - idle']);
  });

  it('is not shown while it may lose the race for the note', () => {
    const young = { startedAtMs: ago(3) };
    const rivals = Array.from({ length: 18 }, (_, index) =>
      service(70 + index, { ...young, databases: [], ports: [] }),
    );
    expect(rows(rivals, [])).toEqual([]);
    expect(rows([service(50, young)], [])).toEqual(['pid:50 50 - idle']);
    expect(rows([service(50, young), service(51, young)], [])).toEqual([]);
    expect(rows([service(50, { startedAtMs: ago(20) }), service(51, young)], [])).toEqual([
      'pid:50 50 - idle',
    ]);
  });
});

describe('a TUI with --standalone', () => {
  const tui = viewer(61, 'OC | About a', ['--standalone']);
  const own = (some: Partial<OpencodeProcess> = {}) =>
    process({
      pid: 62,
      parentPid: 61,
      kind: 'serve',
      args: ['serve', '--stdio', '--port', '0'],
      databases,
      ports: [40001],
      ...some,
    });

  it('has one row with its private server, also beside the service', () => {
    expect(rows([tui, own()], [two('a')])).toEqual(['ses_a 62 main:61 idle <61']);
    expect(rows([tui, own()], [busy('a')])).toEqual(['ses_a 62 main:61 thinking <61']);
    expect(rows([service(), tui, own()], [two('a')])).toEqual([
      'pid:50 50 - idle',
      'ses_a 62 main:61 idle <61',
    ]);
  });

  it('has its own row alone while its session is unknown', () => {
    const unknown = viewer(61, 'vim', ['--standalone']);
    expect(rows([unknown, own()], [])).toEqual(['pid:61 61 main:61 idle']);
  });

  it('is not the owner of the private server of another program', () => {
    expect(rows([own({ parentPid: 1 })], [])).toEqual(['pid:62 62 - idle']);
  });
});

describe('a TUI with --server', () => {
  it('keeps its own row if the server is not on this machine, although a session here has its title', () => {
    const far = viewer(61, 'OC | About a', ['--server', 'http://box:49374']);
    const tunnel = viewer(61, 'OC | About a', ['--server', 'http://127.0.0.1:9999']);
    for (const one of [far, tunnel])
      expect(rows([service(), one], [two('a')])).toEqual(['pid:50 50 - idle', 'pid:61 61 main:61 idle']);
  });

  it('shows a session of the local server at that port', () => {
    const near = viewer(61, 'OC | About a', ['--server', 'http://localhost:49374']);
    expect(rows([service(), near], [two('a')])).toEqual(['ses_a 50 main:61 idle <61']);
  });
});

describe('services that race for the note', () => {
  it('never show a row, from the end of the old one to the end of the last rival', () => {
    const young = Array.from({ length: 18 }, (_, index) => ({
      pid: 70 + index,
      startedAtMs: ago(index / 9),
    }));
    const started = young.map(({ pid, startedAtMs }) =>
      service(pid, { startedAtMs, ports: [], databases: [] }),
    );
    const winner = service(77, { startedAtMs: ago(2) });
    const tui = viewer(61, 'OC | About a');
    const boards = [
      [service(), tui],
      [service(), tui, ...started.slice(0, 9)],
      [tui, ...started],
      [tui, ...started.filter(({ pid }) => pid !== 77), winner],
      [tui, ...started.slice(0, 2), winner],
      [tui, winner],
      [tui, service(77, { startedAtMs: ago(40) })],
    ];
    const shown = boards.map((processes) => rows(processes, [two('a')]));
    for (const board of shown) expect(board).toEqual([expect.stringMatching(/^ses_a \d+ main:61 idle <61$/)]);
  });
});

const running = (id: string, command: string, secondsAgo = 5) => {
  const part = toolPart({ tool: text('shell'), subject: text(command), startedAtMs: ago(secondsAgo) });
  return { ...busy(id), newestAssistant: assistant({ seq: 9, parts: [part] }) };
};

describe('the children of a service', () => {
  it('are shown at the session whose command they run, or at none', () => {
    const children = [
      child(4, '/bin/sh -c cd app && make test', 900),
      child(4, 'sleep 100', 901),
      child(600, 'npx some-mcp-server', 902),
      child(60, 'sleep 100', 903),
    ];
    const sessions = [running('a', 'cd app && make test'), running('b', 'sleep 100'), busy('c')];
    const found = boardRows([service(50, { children })], sessions, {});
    expect(found.map((row) => [row.key, row.process?.children.map(({ pid }) => pid)])).toEqual([
      ['ses_a', [900]],
      ['ses_b', [901]],
      ['ses_c', []],
    ]);
  });
});

describe('a session of a service that cannot be asked', () => {
  const unseen = (link: ServerLink | undefined, some: More = {}, session: Session = running('a', 'make')) => {
    const links = new Map(link === undefined ? [] : [[50, link] as const]);
    return boardRows([service()], [session], { links, ...some })[0]?.asksUnseen;
  };

  it('may be asking while a tool runs', () => {
    expect(unseen({ state: 'away', why: text('it does not answer') })).toBe('it does not answer');
    expect(unseen({ state: 'connecting' })).toBe('its service has not answered yet');
    expect(unseen(undefined)).toBe('its service has no known port');
  });

  it('is not asking without a running tool', () => {
    expect(unseen({ state: 'connecting' }, {}, busy('a'))).toBeUndefined();
    expect(unseen({ state: 'connecting' }, { includeIdle: true }, two('a'))).toBeUndefined();
  });

  it('is seen through the connection, and through the plugin', () => {
    expect(unseen({ state: 'live' })).toBeUndefined();
    const marked = { source: 'marker', sessionId: 'ses_a', atMs: ago(1), asks: [] } as const;
    expect(unseen(undefined, { statuses: new Map([['ses_a', marked]]) })).toBeUndefined();
  });

  it('is at rest if its turn ended after the last report of the lost connection', () => {
    const old = { source: 'server', sessionId: 'ses_a', atMs: ago(300), asks: [] } as const;
    const busyThen = { ...old, activity: { kind: 'busy' } } as const;
    const links = new Map<number, ServerLink>([[50, { state: 'away', why: text('it does not answer') }]]);
    const statuses = new Map([['ses_a', busyThen]]);
    const [found] = boardRows([service()], [two('a')], { links, statuses, includeIdle: true });
    expect([found?.state.name, found?.asksUnseen]).toEqual(['idle', undefined]);
  });

  it('of opencode 1 is judged by its log', () => {
    const { newestAssistant: _, claimedAtMs: __, ...old } = running('a', 'make');
    const one = { ...old, newestAssistant: assistant({ parts: [toolPart()] }) };
    expect(unseen({ state: 'connecting' }, {}, one)).toBeUndefined();
  });
});
