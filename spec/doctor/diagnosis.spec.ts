import { describe, expect, it } from 'vitest';
import { reportText } from '../../lib/doctor/diagnosis.ts';
import type { Board } from '../../lib/domain/board/board.ts';
import type { Evidence } from '../../lib/domain/evidence/match.ts';
import type { WhyInput } from '../../lib/domain/evidence/why.ts';
import { stateNames } from '../../lib/domain/session/state.ts';
import { board, fleet, row, state } from '../support/board.ts';
import { logFacts, nowMs, process, prompt, session, text } from '../support/builders.ts';

/** Words of otop's own types; every other text in a Board is from outside. */
const ours: ReadonlySet<string> = new Set([
  ...stateNames,
  ...[
    'tui',
    'run',
    'serve',
    'web',
    'acp',
    'attach',
    'permission',
    'question',
    'prompt',
    'compaction',
    'synthetic',
  ],
  ...['marker', 'server', 'log', 'title', 'flag', 'activity', 'continue', 'directory'],
  ...['certain', 'likely', 'guess', 'ssh', 'otop', 'away', 'live', 'connecting', 'spec'],
  ...['database', 'processes', 'tmux', 'models', 'config'],
]);

/** Fields with otop's own sentences, which contain outside text in quotes, and paths without quotes. */
const sentences: ReadonlySet<string> = new Set(['why', 'missing', 'troubles', 'fresh']);

/** Returns a copy with a secret in every text from outside, including keys of maps. */
function secretive<T>(value: T): T {
  const within = (one: unknown, isSentence = false): unknown => {
    if (typeof one === 'string' && ours.has(one)) return one;
    if (typeof one === 'string' && isSentence) return `${one}, 'SECRET's SECRET' of ~/SECRET/x: "SECRET`;
    if (typeof one === 'string') return `SECRET/${one}/'SECRET' "SECRET${one}`;
    if (Array.isArray(one)) return one.map((each) => within(each, isSentence));
    if (one instanceof Map)
      return new Map([...one].map(([key, each]) => [within(key), within(each, isSentence)]));
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(
      Object.entries(one).map(([key, each]) => [key, within(each, isSentence || sentences.has(key))]),
    );
  };
  return within(value) as T;
}

const child = {
  session: session({ id: 'ses_child', parentId: 'ses_a' }),
  state: state('asking', 5),
  depth: 1,
};
const rows = [
  ...fleet,
  row('deep', 'With a subagent', {
    state: state('asking', 5, {
      askingFor: 'permission',
      tool: text('mine'),
      detail: text('rm -rf /home/me'),
      raisedFrom: { sessionId: 'ses_child', title: text('a child') },
    }),
    children: [child],
    process: process({
      children: [{ pid: 9, command: text('npm run private') }],
      missing: [text('not readable: open files (the process belongs to user 7)')],
      databases: ['/home/me/opencode.db'],
      tty: text('odd terminal'),
    }),
  }),
];
const everything = board(rows, {
  troubles: [{ source: 'database', text: text("~/work/opencode.db: no such column: 'mine'. Update otop.") }],
  hosts: [{ name: text('pi'), kind: 'ssh', link: 'away', why: text('no route to pi.example') }],
});
const piecesOf = (pid: number, sessionId: string): Evidence[] => [
  ...(['log 6f170944 prompted it at 14:29:00', 'log ../mine.log opened it'] as const).map((why) => ({
    kind: 'log' as const,
    pid,
    sessionId,
    strength: 0.9,
    confidence: 'certain' as const,
    why: text(why),
  })),
  {
    kind: 'title',
    pid,
    sessionId,
    strength: 0.9,
    confidence: 'likely',
    why: text("terminal title 'Mine' is its"),
  },
  {
    kind: 'flag',
    pid,
    sessionId,
    strength: -0.5,
    confidence: 'guess',
    why: text('started with -s mine --fork'),
  },
];
const evidence: WhyInput = {
  correlation: {
    matches: rows.flatMap(({ match: own }) =>
      own ? [{ ...own, pieces: piecesOf(own.pid, own.sessionId) }] : [],
    ),
    candidates: rows.slice(0, 2).flatMap((each) => {
      const pieces = piecesOf(each.process?.pid ?? 0, 'ses_other');
      const judgement = { confidence: 'guess' as const, units: 3, pieces };
      return [{ pid: each.process?.pid ?? 0, sessionId: 'ses_other', pieces, judgement, hosted: false }];
    }),
    fresh: new Map([[7, text("its terminal title is 'OpenCode': the home screen")]]),
    views: new Map(),
  },
  processes: rows.flatMap((each) => (each.process ? [each.process] : [])),
  sessions: new Map(rows.flatMap((each) => (each.session ? [[each.session.id, each.session] as const] : []))),
  log: new Map([[2878, logFacts({ sessions: [{ sessionId: 'ses_a', atMs: nowMs, how: 'prompted' }] })]]),
  rows,
  nowMs,
};
const finding = {
  level: 'problem' as const,
  text: text('~/work/opencode.db: cut off'),
  advice: text('restore it'),
};
const diagnoses = [{ title: 'database', finding }];
const report = (of: Board, why: WhyInput) => reportText(diagnoses, of, why, '1.2.3');

describe('the report of `otop doctor`', () => {
  it('contains no text from outside, in any field', () => {
    const secret = secretive(everything);
    const told = report(secret, { ...secretive(evidence), rows: secret.rows });
    expect(told.length).toBeGreaterThan(3000);
    expect(told).not.toMatch(/secret/i);
    expect(told).not.toMatch(/private|rm -rf|example/);
  });

  it('keeps related rows recognisable, and opencode’s own names', () => {
    const told = report(everything, evidence);
    const named = rows.find(({ session: one }) => one?.title === 'Debug the pipeline')?.session;
    expect(named).toBeDefined();
    expect(told).toContain(`runs ${named?.id} 'title `);
    expect(told).toContain('log        certain');
    expect(told).toContain('bash');
    expect(told).toMatch(/^problem {2}database {2}<path>: cut off\. Restore it$/m);
    expect(told).not.toMatch(/Debug the pipeline|projA|work:|desk|mine/i);
  });

  it('uses the same stand-in for the same text, in the frame and in the evidence', () => {
    const twins = [row('one', 'Twin'), row('two', 'Twin'), row('three', 'Other')];
    const told = report(board([...twins]), {
      ...evidence,
      correlation: {
        ...evidence.correlation,
        matches: twins.flatMap((each) => (each.match ? [each.match] : [])),
      },
      processes: twins.flatMap((each) => (each.process ? [each.process] : [])),
      sessions: new Map(
        twins.flatMap((each) => (each.session ? [[each.session.id, each.session] as const] : [])),
      ),
    });
    expect(new Set(told.match(/title \d+/g))).toEqual(new Set(['title 1', 'title 2']));
  });

  it('removes a prompt, an answer and a model from the frame', () => {
    const talk = row('talk', 'Talk', {
      session: session({
        lastPrompt: prompt({ text: text('the plan of my company') }),
        lastOutput: text('the answer to it'),
      }),
    });
    const told = report(board([talk]), { ...evidence, processes: [] });
    expect(told).not.toMatch(/company|answer|opus|anthropic/);
    expect(told).toContain('output 1');
  });
});
