import { describe, expect, it } from 'vitest';
import { correlate } from '../../../lib/domain/evidence/correlate.ts';
import type { LogFacts, LogSession } from '../../../lib/domain/evidence/log-facts.ts';
import { noActivity, rememberActivity } from '../../../lib/domain/evidence/rules/activity.ts';
import type { CorrelateInput } from '../../../lib/domain/evidence/scene.ts';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import type { Session } from '../../../lib/domain/session/session.ts';
import {
  ago,
  assistant,
  finished,
  logFacts,
  nowMs,
  pane,
  process,
  prompt,
  session,
  text,
} from '../../support/builders.ts';

/** A session whose turn ended `secondsAgo`; by default its title contains its id. */
function ses(id: string, secondsAgo: number, some: Partial<Session> = {}): Session {
  return session({
    id: `ses_${id}`,
    title: text(`About ${id}`),
    directoryPath: '/home/u/projA',
    createdAtMs: ago(secondsAgo + 60),
    updatedAtMs: ago(secondsAgo),
    activeAtMs: ago(secondsAgo),
    newestUser: prompt({ createdAtMs: ago(secondsAgo + 30) }),
    newestAssistant: finished(secondsAgo, { createdAtMs: ago(secondsAgo + 20) }),
    ...some,
  });
}

/** A session that has worked for 20 s. */
function working(id: string, some: Partial<Session> = {}): Session {
  return ses(id, 10, { newestAssistant: assistant({ createdAtMs: ago(20) }), ...some });
}

function tui(pid: number, some: Partial<OpencodeProcess> & { title?: string } = {}): OpencodeProcess {
  const { title, ...rest } = some;
  return process({ pid, ...rest, ...(title === undefined ? {} : { pane: pane({ title: text(title) }) }) });
}

/** The log facts of `pid`: `prompted a 30` is a prompt in `ses_a`, 30 s ago. */
function says(pid: number, lines: readonly string[], some: Partial<LogFacts> = {}): LogFacts {
  const sessions = lines.map((line): LogSession => {
    const [how = '', id = '', seconds = '', parent] = line.split(' ');
    const known = how === 'created' || how === 'opened' ? how : 'prompted';
    const named = { sessionId: `ses_${id}`, atMs: ago(Number(seconds)), how: known } as const;
    return parent === undefined ? named : { ...named, parentId: `ses_${parent}` };
  });
  return logFacts({ pid, run: `run${pid}`, complete: true, sessions, ...some });
}

type Given = Partial<Omit<CorrelateInput, 'sessions' | 'log'>> & { sessions?: Session[]; log?: LogFacts[] };

function inputOf(given: Given): CorrelateInput {
  return {
    processes: [],
    extraEvidence: [],
    previous: [],
    activity: noActivity,
    nowMs,
    ...given,
    sessions: new Map((given.sessions ?? []).map((each) => [each.id, each])),
    log: new Map((given.log ?? []).map((facts) => [facts.pid, facts])),
  };
}

/** The matches as `PID session evidence confidence`. */
function matched(given: Given): string[] {
  const { matches, fresh } = correlate(inputOf(given));
  return [
    ...matches.map(
      ({ pid, sessionId, evidence, confidence }) => `${pid} ${sessionId.slice(4)} ${evidence} ${confidence}`,
    ),
    ...[...fresh.keys()].map((pid) => `${pid} new`),
  ];
}

describe('a process with a log', () => {
  const log = [says(1, ['prompted a 300', 'prompted b 200'])];

  it('certainly has the newest root session of its log lines while the session works', () => {
    const sessions = [ses('a', 290), working('b')];
    expect(matched({ processes: [tui(1)], sessions, log })).toEqual(['1 b log certain']);
  });

  it('certainly has it with its title', () => {
    const sessions = [ses('a', 290), ses('b', 190)];
    const processes = [tui(1, { title: 'OC | About b' })];
    expect(matched({ processes, sessions, log })).toEqual(['1 b log certain']);
  });

  it('only likely has an idle one without a title: the user may have switched', () => {
    const sessions = [ses('a', 290), ses('b', 190)];
    expect(matched({ processes: [tui(1)], sessions, log })).toEqual(['1 b log likely']);
  });

  it('only likely has it if the run is known only by its start time', () => {
    const log = [says(1, ['prompted a 300'], { exact: false })];
    expect(matched({ processes: [tui(1)], sessions: [ses('a', 290)], log })).toEqual(['1 a log likely']);
  });

  it('gets its own session in each of eight panes of one directory', () => {
    const letters = [...'abcdefgh'];
    const processes = letters.map((_, index) => tui(index + 1));
    const log = letters.map((letter, index) => says(index + 1, [`prompted ${letter} 100`]));
    const sessions = letters.map((letter) => ses(letter, 90)).reverse();
    expect(matched({ processes, sessions, log })).toEqual(
      letters.map((letter, index) => `${index + 1} ${letter} log likely`),
    );
  });

  it('has the root of a subagent, by the database or by the `created` line', () => {
    const child = ses('kid', 5, { parentId: 'ses_a' });
    const log = [says(1, ['prompted a 300', 'prompted kid 10'])];
    expect(matched({ processes: [tui(1)], sessions: [working('a'), child], log })).toEqual([
      '1 a log certain',
    ]);
    const young = [says(1, ['prompted a 300', 'created kid 10 a', 'prompted kid 10 a'])];
    expect(matched({ processes: [tui(1)], sessions: [working('a')], log: young })).toEqual([
      '1 a log certain',
    ]);
  });

  it('does not have a working subagent’s root as its newest session', () => {
    const log = [says(1, ['prompted a 300', 'created kid 200 a', 'prompted b 100', 'prompted kid 10 a'])];
    const sessions = [working('a'), ses('b', 50), working('kid', { parentId: 'ses_a' })];
    expect(matched({ processes: [tui(1)], sessions, log })).toEqual(['1 b log likely', '1 a log likely']);
  });

  it('gets only a guess from a log that another process also writes, each a different session', () => {
    const both = ['prompted a 40', 'prompted b 30'];
    const log = [
      says(1, both, { exact: false, sharedWith: [2] }),
      says(2, both, { exact: false, sharedWith: [1] }),
    ];
    const sessions = [ses('a', 35, { title: text('One') }), ses('b', 25, { title: text('Two') })];
    expect(matched({ processes: [tui(1), tui(2)], sessions, log })).toEqual([
      '1 b log guess',
      '2 a log guess',
    ]);
    const titled = [tui(1, { title: 'OC | Two' }), tui(2, { title: 'OC | One' })];
    expect(matched({ processes: titled, sessions, log })).toEqual(['1 b title certain', '2 a title certain']);
  });

  it('gets no guess while the database does not have its new session', () => {
    const log = [says(1, ['created new 1'])];
    expect(
      matched({ processes: [tui(1, { startedAtMs: ago(9000) })], sessions: [ses('a', 5)], log }),
    ).toEqual([]);
  });

  it('loses its session to the process that prompted it later', () => {
    const log = [says(1, ['prompted a 300']), says(2, ['prompted a 20'])];
    const processes = [tui(1), tui(2, { args: ['-s', 'ses_a'] })];
    expect(matched({ processes, sessions: [ses('a', 10)], log })).toEqual(['2 a log likely']);
  });

  it('gets it back when the other process continues with its own session', () => {
    const log = [says(1, ['prompted a 300']), says(2, ['prompted a 200', 'prompted b 20'])];
    const sessions = [ses('a', 190), ses('b', 10)];
    expect(matched({ processes: [tui(1), tui(2)], sessions, log })).toEqual([
      '1 a log likely',
      '2 b log likely',
    ]);
  });

  it('keeps it if another process only opened it', () => {
    const log = [says(1, ['prompted a 300']), says(2, ['opened a 20'])];
    const processes = [tui(1), tui(2, { args: ['-s', 'ses_a'] })];
    expect(matched({ processes, sessions: [ses('a', 290)], log })).toEqual(['1 a log likely']);
  });
});

describe('/new or a switch inside a TUI', () => {
  const sessions = [ses('a', 200), ses('b', 5000)];
  const log = [says(1, ['prompted a 210'])];

  it('is followed by the title', () => {
    expect(matched({ processes: [tui(1, { title: 'OC | About b' })], sessions, log })).toEqual([
      '1 b title likely',
    ]);
  });

  it('has not happened if the title agrees with the log', () => {
    expect(matched({ processes: [tui(1, { title: 'OC | About a' })], sessions, log })).toEqual([
      '1 a log certain',
    ]);
  });

  it('leaves no session with the title of the home screen', () => {
    expect(matched({ processes: [tui(1, { title: 'OpenCode' })], sessions, log })).toEqual(['1 new']);
  });

  it('is the home screen right after a later turn, since only the first turn changes the title', () => {
    const processes = [tui(1, { title: 'OpenCode' })];
    const turn = {
      newestUser: prompt({ createdAtMs: ago(5) }),
      newestAssistant: finished(1, { createdAtMs: ago(4) }),
    };
    const prompted = [says(1, ['created a 300', 'prompted a 5'])];
    const later = ses('a', 1, { createdAtMs: ago(300), ...turn });
    expect(matched({ processes, sessions: [later], log: prompted })).toEqual(['1 new']);
    const first = ses('a', 1, { createdAtMs: ago(6), ...turn });
    expect(matched({ processes, sessions: [first], log: prompted })).toEqual(['1 a log likely']);
  });

  it('is not the home screen if the session has no own title', () => {
    const untitled = [ses('a', 200, { title: text('New session - 2026-11-22T14:14:08.328Z') })];
    expect(matched({ processes: [tui(1, { title: 'OpenCode' })], sessions: untitled, log })).toEqual([
      '1 a log likely',
    ]);
  });

  it('is not the home screen if the TUI missed the title, unless it had a session’s title before', () => {
    const made = [says(1, ['created a 590', 'prompted a 589'])];
    const given = { processes: [tui(1, { title: 'OpenCode' })], sessions: [ses('a', 500)], log: made };
    expect(matched(given)).toEqual(['1 a log likely']);
    expect(matched({ ...given, activity: { ...noActivity, titled: new Set([1]) } })).toEqual(['1 new']);
    const again = [says(1, ['created a 590', 'prompted a 300'])];
    expect(matched({ ...given, log: again, sessions: [ses('a', 290)] })).toEqual(['1 new']);
  });

  it('follows a prompt rather than a title that may be out of date', () => {
    const prompted = [says(1, ['prompted a 210', 'created c 1', 'prompted c 1'])];
    const made = [...sessions, ses('c', 1, { title: text('New session - 2026-11-22T14:14:08.328Z') })];
    const processes = [tui(1, { title: 'OC | About a' })];
    expect(matched({ processes, sessions: made, log: prompted })).toEqual(['1 c log likely']);
  });

  it('ignores a title that was read before the prompt, at any later time', () => {
    const prompted = [says(1, ['prompted a 210', 'prompted b 8'])];
    const stale = process({ pid: 1, pane: pane({ title: text('OC | About a'), titleAtMs: ago(9) }) });
    expect(matched({ processes: [stale], sessions, log: prompted })).toEqual(['1 b log likely']);
  });

  it('follows the title if the clock was set back and the last prompt is in the future', () => {
    const processes = [tui(1, { title: 'OC | About b' })];
    const log = [says(1, ['prompted a -3600'])];
    expect(matched({ processes, sessions, log })).toEqual(['1 b title likely']);
  });

  it('gives a certain match for an earlier session whose title is visible again', () => {
    const both = [says(1, ['prompted b 5010', 'prompted a 210'])];
    const switched = [tui(1, { title: 'OC | About b', startedAtMs: ago(9000) })];
    expect(matched({ processes: switched, sessions, log: both })).toEqual(['1 b title certain']);
  });

  it('keeps a row for a session that works in the background', () => {
    const both = [working('a'), ses('b', 5000)];
    const switched = [tui(1, { title: 'OC | About b' })];
    expect(matched({ processes: switched, sessions: both, log })).toEqual([
      '1 b title likely',
      '1 a log likely',
    ]);
    expect(matched({ processes: [tui(1, { title: 'OpenCode' })], sessions: both, log })).toEqual([
      '1 a log likely',
    ]);
  });

  it('keeps the session of the log, as likely, with a title of no known session', () => {
    expect(matched({ processes: [tui(1, { title: 'OC | Unheard of' })], sessions, log })).toEqual([
      '1 a log likely',
    ]);
  });

  it('recognises a long title by its first 37 characters', () => {
    const long = 'A very long title that goes on and on and on';
    const titled = [ses('a', 200), ses('l', 300, { title: text(long) })];
    for (const ellipsis of ['…', '...']) {
      const processes = [tui(1, { title: `OC | ${long.slice(0, 37)}${ellipsis}` })];
      expect(matched({ processes, sessions: titled, log })).toEqual(['1 l title likely']);
    }
  });

  it('distinguishes equal titles by the sessions that the process had', () => {
    const twins = [ses('a', 200, { title: text('Twin') }), ses('b', 100, { title: text('Twin') })];
    const log2 = [says(1, ['prompted a 210']), says(2, ['prompted b 110'])];
    const processes = [tui(1, { title: 'OC | Twin' }), tui(2, { title: 'OC | Twin' })];
    expect(matched({ processes, sessions: twins, log: log2 })).toEqual(['1 a log likely', '2 b log likely']);
  });

  it('is never certain by title and flag if another session has the same title', () => {
    const twins = [ses('a', 200, { title: text('Twin') }), ses('b', 100, { title: text('Twin') })];
    const processes = [tui(1, { args: ['-s', 'ses_a'], title: 'OC | Twin' })];
    expect(matched({ processes, sessions: twins, log: [says(1, [])] })).toEqual(['1 a title likely']);
  });

  it('ignores the title of a pane of `opencode run`, and of a TUI that just started', () => {
    const run = process({
      pid: 1,
      kind: 'run',
      args: ['run', 'x'],
      pane: pane({ title: text('OC | About b') }),
    });
    expect(
      matched({ processes: [run], sessions: [ses('a', 200, { interactive: false }), ses('b', 50)], log }),
    ).toEqual(['1 a log certain']);
    const young = tui(2, { startedAtMs: ago(2), args: ['-s', 'ses_a'], title: 'OC | About b' });
    expect(matched({ processes: [young], sessions })).toEqual(['2 a flag likely']);
  });
});

describe('flags', () => {
  it.each([
    [['-s', 'ses_a']],
    [['--session', 'ses_a']],
    [['--session=ses_a']],
    [['/home/u/projA', '-s', 'ses_a']],
  ])('%j names the session', (args) => {
    expect(matched({ processes: [tui(1, { args })], sessions: [ses('a', 9000), ses('b', 10)] })).toEqual([
      '1 a flag likely',
    ]);
  });

  it('are certain together with the title', () => {
    const processes = [tui(1, { args: ['-s', 'ses_a'], title: 'OC | About a' })];
    expect(matched({ processes, sessions: [ses('a', 9000), ses('b', 10)] })).toEqual(['1 a title certain']);
  });

  it('leave a process without a session if another process has the named one', () => {
    const processes = [tui(1, { title: 'OC | About a' }), tui(2, { args: ['-s', 'ses_a'] })];
    const log = [says(1, ['prompted a 300']), says(2, [])];
    expect(matched({ processes, sessions: [ses('a', 290), ses('b', 20)], log })).toEqual(['1 a log certain']);
  });

  it('yield to a newer session in the log', () => {
    const processes = [tui(1, { args: ['-s', 'ses_a'] })];
    const log = [says(1, ['prompted b 20'])];
    expect(matched({ processes, sessions: [ses('a', 9000), ses('b', 10)], log })).toEqual(['1 b log likely']);
  });

  it('yield to the title of another session', () => {
    const processes = [tui(1, { args: ['-s', 'ses_a'], title: 'OC | About b' })];
    expect(matched({ processes, sessions: [ses('a', 9000), ses('b', 100)] })).toEqual(['1 b title likely']);
  });

  it('with --fork lead to a new session, never the old one', () => {
    const args = ['-s', 'ses_a', '--fork'];
    const forked = [says(1, ['created f 100'])];
    const sessions = [ses('a', 9000), ses('f', 90)];
    expect(matched({ processes: [tui(1, { args })], sessions, log: forked })).toEqual(['1 f log likely']);
    expect(matched({ processes: [tui(1, { args })], sessions: [ses('a', 9000)], log: [] })).toEqual([]);
  });

  it('keep two idle resumed TUIs in one directory apart', () => {
    const processes = [tui(1, { args: ['-s', 'ses_b'] }), tui(2, { args: ['-s', 'ses_a'] })];
    const log = [says(1, []), says(2, [])];
    const sessions = [ses('a', 9000), ses('b', 8000), ses('c', 10)];
    expect(matched({ processes, sessions, log })).toEqual(['1 b flag likely', '2 a flag likely']);
  });

  it('with -c lead to the last updated session at the start', () => {
    const processes = [tui(1, { args: ['-c'] })];
    expect(matched({ processes, sessions: [ses('a', 9000), ses('b', 8000)] })).toEqual([
      '1 b continue likely',
    ]);
  });

  it('with -c give a guess if other sessions were updated later', () => {
    const processes = [tui(1, { args: ['-c'] })];
    const sessions = [ses('a', 9000), ses('b', 100, { createdAtMs: ago(9999) })];
    expect(matched({ processes, sessions })).toEqual(['1 a continue guess']);
  });

  it('with -c are certain together with the title', () => {
    const processes = [tui(1, { args: ['-c'], title: 'OC | About b' })];
    expect(matched({ processes, sessions: [ses('a', 9000), ses('b', 8000)] })).toEqual(['1 b title certain']);
  });

  it('of `opencode run -s` are certain, since it cannot switch', () => {
    const run = process({ pid: 1, kind: 'run', args: ['run', '-s', 'ses_a', 'go'] });
    expect(matched({ processes: [run], sessions: [ses('a', 9000)] })).toEqual(['1 a flag certain']);
  });
});

describe('a fresh TUI', () => {
  it('has no session if its complete log names none', () => {
    expect(matched({ processes: [tui(1)], sessions: [ses('a', 100)], log: [says(1, [])] })).toEqual([
      '1 new',
    ]);
  });

  it('still follows its title: a session opened from the list is in no log', () => {
    const processes = [tui(1, { title: 'OC | About a' })];
    expect(matched({ processes, sessions: [ses('a', 9000)], log: [says(1, [])] })).toEqual([
      '1 a title likely',
    ]);
  });

  it('gets no guess for a session that was last updated before its start', () => {
    expect(matched({ processes: [tui(1)], sessions: [ses('a', 9000)] })).toEqual([]);
  });

  it('gets a guess for one updated later, without a readable log', () => {
    expect(matched({ processes: [tui(1)], sessions: [ses('a', 100)] })).toEqual(['1 a directory guess']);
  });

  it('gets no guess for a session that is archived, of another directory or of `opencode run`', () => {
    const sessions = [
      ses('a', 100, { archivedAtMs: ago(50) }),
      ses('b', 100, { directoryPath: '/home/u/projB' }),
      ses('c', 100, { interactive: false }),
    ];
    expect(matched({ processes: [tui(1)], sessions })).toEqual([]);
  });

  it('does not inherit the session of a killed one in the same pane', () => {
    const restarted = tui(2, { startedAtMs: ago(4), title: 'OC | About a' });
    expect(matched({ processes: [restarted], sessions: [ses('a', 60)], log: [says(2, [])] })).toEqual([
      '2 new',
    ]);
  });

  it('that opencode’s shell tool started leaves the session to its starter', () => {
    const processes = [tui(1), tui(2, { startedByPid: 1, startedAtMs: ago(15) })];
    const log = [says(1, ['prompted a 20']), says(2, [])];
    expect(matched({ processes, sessions: [working('a')], log })).toEqual(['1 a log certain', '2 new']);
  });
});

describe('servers and viewers', () => {
  const server = process({ pid: 1, kind: 'serve', args: ['serve'], cwd: '/home/u' });
  const viewer = process({
    pid: 2,
    kind: 'attach',
    args: ['attach', 'http://127.0.0.1:4096'],
    pane: pane({ title: text('OC | About a') }),
  });

  it('a server has each working session, a viewer none', () => {
    const log = [says(1, ['prompted a 100', 'prompted b 50', 'prompted old 100000'])];
    const sessions = [working('a'), working('b', { directoryPath: '/home/u/projB' }), ses('old', 99990)];
    const args = ['run', '--attach', 'http://127.0.0.1:4096', '-s', 'ses_a', 'go'];
    const processes = [server, viewer, process({ pid: 3, kind: 'run', args })];
    expect(matched({ processes, sessions, log })).toEqual(['1 a log certain', '1 b log certain']);
  });

  it('a TUI has a session that it took over from a server', () => {
    const log = [says(1, ['prompted a 100', 'prompted b 50']), says(3, ['prompted a 20'])];
    const sessions = [working('a'), working('b')];
    expect(matched({ processes: [server, tui(3)], sessions, log })).toEqual([
      '1 b log certain',
      '3 a log certain',
    ]);
  });

  it('a server without a readable log gets guesses for the working sessions of its directory', () => {
    const here = process({ pid: 1, kind: 'serve', args: ['serve'] });
    expect(matched({ processes: [here], sessions: [working('a'), ses('b', 100)] })).toEqual([
      '1 a directory guess',
    ]);
  });
});

describe('reported evidence', () => {
  it('of a marker is certain, and a subagent counts for its root', () => {
    const marker = {
      kind: 'marker',
      pid: 1,
      sessionId: 'ses_kid',
      strength: 1,
      confidence: 'certain',
      why: text('plugin'),
    } as const;
    const sessions = [working('a'), ses('kid', 10, { parentId: 'ses_a' }), ses('b', 100)];
    expect(matched({ processes: [tui(1)], sessions, extraEvidence: [marker] })).toEqual([
      '1 a marker certain',
    ]);
  });

  const told = (id: string, pid = 1) =>
    ({
      kind: 'server',
      pid,
      sessionId: `ses_${id}`,
      strength: 0.95,
      confidence: 'certain',
      why: text('busy'),
    }) as const;
  const both = { sessions: [working('a'), working('b')], extraEvidence: [told('a'), told('b')] };

  it('of a server is certain for every session that it works on, against any other log', () => {
    const server = process({ pid: 1, kind: 'serve' });
    expect(matched({ ...both, processes: [server] })).toEqual(['1 a server certain', '1 b server certain']);
  });

  it('of a TUI with a port is certain for the session that it works on', () => {
    expect(matched({ ...both, processes: [tui(1)], extraEvidence: [told('a')] })).toEqual([
      '1 a server certain',
    ]);
  });

  it('of a TUI that works on two makes the one with its title the visible one', () => {
    const processes = [tui(1, { title: 'OC | About b' })];
    expect(matched({ ...both, processes })).toEqual(['1 b server certain', '1 a server certain']);
  });

  it('of a TUI that works on two gives both as likely without a title', () => {
    expect(matched({ ...both, processes: [tui(1)] }).toSorted()).toEqual([
      '1 a server likely',
      '1 b server likely',
    ]);
  });

  /** Evidence of a marker for a prompt of the session. */
  const marked = (id: string, secondsAgo: number, strength = 1) =>
    ({
      kind: 'marker',
      pid: 1,
      sessionId: `ses_${id}`,
      strength,
      confidence: strength > 0 ? 'certain' : 'guess',
      atMs: ago(secondsAgo),
      why: text('plugin'),
    }) as const;
  const placeholder = text('New session - 2026-11-22T14:14:08.328Z');

  it('of a marker outweighs a title that is older than its prompt', () => {
    const sessions = [ses('a', 100), working('b')];
    const processes = [tui(1, { title: 'OC | About a' })];
    const extraEvidence = [marked('b', 1)];
    expect(matched({ processes, sessions, extraEvidence })).toEqual(['1 b marker certain']);
    expect(matched({ processes, sessions, extraEvidence: [marked('b', 20)] })[0]).toBe('1 a title likely');
  });

  it('of a marker is certain right after the turn with the session’s own title', () => {
    const given = { sessions: [ses('a', 100), ses('b', 0.2)], extraEvidence: [marked('b', 0.5)] };
    expect(matched({ ...given, processes: [tui(1, { title: 'OC | About b' })] })).toEqual([
      '1 b marker certain',
    ]);
    // The title is still that of the previous session.
    expect(matched({ ...given, processes: [tui(1, { title: 'OC | About a' })] })).toEqual([
      '1 b marker likely',
    ]);
  });

  it('of a marker yields to the home screen’s title soon after the end of a first turn', () => {
    const processes = [tui(1, { title: 'OpenCode' })];
    const turn = { createdAtMs: ago(2.4), newestUser: prompt({ createdAtMs: ago(2.4) }) };
    const ended = (secondsAgo: number) =>
      ses('b', secondsAgo, { ...turn, newestAssistant: finished(secondsAgo, { createdAtMs: ago(2.3) }) });
    const at = (endedAgo: number) =>
      matched({ processes, sessions: [ended(endedAgo)], extraEvidence: [marked('b', 2.4)] });
    expect(at(2)).toEqual(['1 new']);
    expect(at(0.4)).toEqual(['1 b marker likely']);
  });

  it('of a marker is certain for a session that works after a switch or /new, next to the visible one', () => {
    const sessions = [ses('a', 100), working('b')];
    const extraEvidence = [marked('b', 20)];
    const under = (title: string) => matched({ processes: [tui(1, { title })], sessions, extraEvidence });
    expect(under('OC | About a')).toEqual(['1 a title likely', '1 b marker certain']);
    expect(under('OpenCode')).toEqual(['1 b marker certain', '1 new']);
    const next = ses('c', 3, { title: placeholder });
    const prompted = { sessions: [next, working('b')], extraEvidence: [marked('c', 5), marked('b', 20)] };
    expect(matched({ processes: [tui(1, { title: 'OpenCode' })], ...prompted })).toEqual([
      '1 c marker likely',
      '1 b marker certain',
    ]);
    expect(matched({ processes: [tui(1, { title: 'OC | About b' })], ...prompted })).toEqual([
      '1 b marker certain',
    ]);
  });

  it('of a marker that missed the end of a background turn is ignored', () => {
    const sessions = [ses('c', 3), ses('b', 10)];
    const extraEvidence = [marked('c', 5), marked('b', 20)];
    expect(matched({ processes: [tui(1, { title: 'OC | About c' })], sessions, extraEvidence })).toEqual([
      '1 c marker certain',
    ]);
  });

  it('of a marker is certain for an earlier session that is visible again', () => {
    const sessions = [ses('a', 100), ses('b', 10)];
    const extraEvidence = [marked('b', 20), marked('a', 110, 0)];
    expect(matched({ processes: [tui(1, { title: 'OC | About a' })], sessions, extraEvidence })).toEqual([
      '1 a title certain',
    ]);
  });
});

describe('activity', () => {
  /** Polls in which pid 1 and the `others` log a line and session `a` changes each time. */
  function memoryAfter(polls: number, others: number[] = []) {
    let memory = noActivity;
    for (let poll = 0; poll <= polls; poll++) {
      const log = (pid: number) => [
        {
          readPath: '/l',
          path: '/l',
          deleted: false,
          positionBytes: pid === 1 || others.includes(pid) ? poll : 7,
        },
      ];
      const processes = [1, 2].map((pid) => tui(pid, { logs: log(pid), args: ['-c'] }));
      const sessions = [ses('a', 100 - poll), ses('b', 500)];
      memory = rememberActivity(memory, {
        processes,
        sessions: new Map(sessions.map((each) => [each.id, each])),
        log: new Map(),
        nowMs: ago(100 - poll),
      });
    }
    return memory;
  }
  const given = { processes: [tui(2), tui(1)], sessions: [ses('a', 95), ses('b', 500)] };

  it('gives a likely match after several coincidences', () => {
    expect(matched({ ...given, activity: memoryAfter(5) })).toEqual([
      '1 a activity likely',
      '2 b directory guess',
    ]);
  });

  it('gives no match after one coincidence, or if two processes worked', () => {
    expect(matched({ ...given, activity: memoryAfter(1) })).not.toContain('1 a activity likely');
    expect(matched({ ...given, activity: memoryAfter(5, [2]) }).join()).not.toContain('activity');
  });
});

describe('the match of the previous poll', () => {
  it('keeps a guess although another session was updated later', () => {
    const first = correlate(inputOf({ processes: [tui(1)], sessions: [ses('a', 100)] }));
    const given = { processes: [tui(1)], sessions: [ses('a', 100), ses('b', 10)] };
    expect(matched(given)).toEqual(['1 b directory guess']);
    expect(matched({ ...given, previous: first.matches })).toEqual(['1 a directory guess']);
  });

  it('yields to evidence', () => {
    const first = correlate(inputOf({ processes: [tui(1)], sessions: [ses('a', 100)] }));
    const log = [says(1, ['prompted b 20'])];
    const given = { processes: [tui(1)], sessions: [ses('a', 100), ses('b', 10)], log };
    expect(matched({ ...given, previous: first.matches })).toEqual(['1 b log likely']);
  });
});
