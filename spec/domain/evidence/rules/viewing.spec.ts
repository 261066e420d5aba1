import { describe, expect, it } from 'vitest';
import { buildBoard } from '../../../../lib/domain/board/build-board.ts';
import { TokenHistory } from '../../../../lib/domain/board/history.ts';
import { correlate } from '../../../../lib/domain/evidence/correlate.ts';
import { noActivity } from '../../../../lib/domain/evidence/rules/activity.ts';
import type { OpencodeProcess } from '../../../../lib/domain/process/process.ts';
import type { Session } from '../../../../lib/domain/session/session.ts';
import { ago, assistant, nowMs, pane, process, session, text } from '../../../support/builders.ts';

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

/** Each row as `session pid pane state viewers`. */
function rows(processes: readonly OpencodeProcess[], sessions: readonly Session[], includeIdle = false) {
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
  return board.rows.map(({ key, process: own, state, viewerPids = [] }) =>
    [key, own?.pid, own?.pane?.target ?? '-', state.name, ...viewerPids.map((pid) => `<${pid}`)].join(' '),
  );
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
