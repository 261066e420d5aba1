import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Part, Session } from '../../../lib/domain/session/session.ts';
import { OpencodeDatabase, type SchemaVersion } from '../../support/opencode-database.ts';
import { noonMs, requestOf, settle, sourceIn, temporaryFolder } from '../../support/session-source.ts';
import type { SessionWriter } from '../../support/session-writer.ts';

let folder: ReturnType<typeof temporaryFolder>;
let db: OpencodeDatabase;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  db.close();
  folder.remove();
});

function open(version: SchemaVersion = '1.18.33'): OpencodeDatabase {
  db = new OpencodeDatabase(join(folder.path, 'opencode.db'), version);
  return db;
}

function read(id: string, version?: SchemaVersion): Session {
  const source = sourceIn(folder.path, { db: db.path });
  const session = settle(source, requestOf()).sessions.get(id);
  source.close();
  if (session === undefined) throw new Error(`no session ${id} in ${version}`);
  return session;
}

/** The main facts of the newest assistant message, one part per line; times are milliseconds after noon. */
function shown(session: Session): string[] {
  const { newestAssistant: message } = session;
  if (message === undefined) return ['no assistant'];
  const { finish, error } = message;
  const ended = message.completedAtMs === undefined ? 'open' : `ended ${since(message.completedAtMs)}`;
  const head = [`message ${since(message.createdAtMs)}`, ended, finish, error?.name, error?.message];
  return [head.filter((word) => word !== undefined).join(', '), ...message.parts.map(partLine)];
}

function partLine(part: Part): string {
  if (part.kind !== 'tool') {
    const text =
      'hasText' in part
        ? `, text ${part.hasText}, ${since(part.startedAtMs)} to ${since(part.endedAtMs)}`
        : '';
    return part.kind + text;
  }
  const { tool, status, subject, hasMetadata, question, error } = part.call;
  const words = [tool, status, subject, question, error].filter((word) => word !== undefined).join(', ');
  return `${words}, metadata ${hasMetadata}, ${since(part.call.startedAtMs)} to ${since(part.call.endedAtMs)}`;
}

function since(atMs: number | undefined): string {
  return atMs === undefined ? '-' : `+${atMs - noonMs}`;
}

const states: [name: string, write: (session: SessionWriter) => void][] = [
  ['waiting for the first token', (session) => session.step()],
  ['reasoning', (session) => session.step().after(5).reason()],
  ['streaming', (session) => session.step().after(5).stream()],
  ['tool arguments streaming', (session) => session.step().toolPending('bash')],
  [
    'asking, or running without a sign of it',
    (session) => session.step().after(9).tool('bash', { command: 'npm test' }),
  ],
  [
    'running',
    (session) => session.step().after(9).tool('bash', { command: 'npm test' }).after(5).toolOutput('hi'),
  ],
  ['asking a question', (session) => session.step().question('Which db?')],
  [
    'rejected',
    (session) => session.step().tool('edit', { filePath: 'a.ts' }).after(5).toolFails().finish('tool-calls'),
  ],
  ['finished', (session) => session.step().stream().after(50).closes('Done.').finish('stop')],
  ['truncated', (session) => session.step().stream().after(50).closes('And the').finish('length')],
  ['failed', (session) => session.step().after(5).fail('bad request')],
  ['aborted', (session) => session.step().after(5).abort()],
  ['aborted during a retry', (session) => session.step().after(5).abortRetry()],
  ['compacting', (session) => session.compaction().after(5).step({ summary: true })],
  [
    'a patch',
    (session) =>
      session.step().tool('patch', { patchText: '*** Begin Patch\n*** Update File: lib/a.ts\n@@' }),
  ],
];

describe('a turn in the database', () => {
  test.each(states)('%s', (_name, write) => {
    const session = open().session({ atMs: noonMs }).prompt('Fix it').after(10);
    write(session);
    expect(shown(read(session.id))).toMatchSnapshot();
  });

  test.each(['1.2.1', '1.2.27', '1.14.41', '1.15.13', '1.17.19', '1.18.33'] as const)(
    'has all fields in %s',
    (version) => {
      const session = open(version).session({
        atMs: noonMs,
        title: 'Fix it',
        directory: '/home/u/ä b',
        run: true,
      });
      session.turn('First', 'One\n\nlast line\n\n', {
        input: 10,
        output: 20,
        reasoning: 3,
        cacheRead: 400,
        cacheWrite: 5,
      });
      session.todos([
        { content: 'a', status: 'completed' },
        { content: 'b', status: 'in_progress' },
        { content: 'c', status: 'cancelled' },
      ]);
      session.prompt('Second').step().tool('bash', { command: 'ls' });
      const { newestAssistant, newestUser, lastPrompt, databasePath, id, ...rest } = read(
        session.id,
        version,
      );
      expect([newestAssistant?.id, newestUser?.id, lastPrompt?.text, databasePath, id]).toEqual([
        session.messageId,
        session.userId,
        'Second',
        db.path,
        session.id,
      ]);
      expect(rest).toMatchSnapshot();
    },
  );
});

describe('the newest prompt', () => {
  test('is found beyond compactions and continuations of a long turn', () => {
    const session = open().session({ atMs: noonMs }).prompt('The real one');
    for (let step = 0; step < 30; step += 1)
      session.after(10).step().toolPending('read').finish('tool-calls');
    session.compaction(true).step({ summary: true }).finish('stop').synthetic();
    for (let step = 0; step < 30; step += 1) session.after(10).step().finish('tool-calls');
    const { lastPrompt, newestUser, messageCount } = read(session.id);
    expect([lastPrompt?.text, newestUser?.kind, messageCount]).toEqual(['The real one', 'synthetic', 64]);
  });

  test('is the queued one while the previous step is running', () => {
    const session = open().session({ atMs: noonMs }).prompt('one').step().stream().after(5).prompt('two');
    const { lastPrompt, newestUser, newestAssistant } = read(session.id);
    expect([lastPrompt?.text, newestUser?.id, newestAssistant?.id]).toEqual([
      'two',
      session.userId,
      session.messageId,
    ]);
  });
});

describe('facts of earlier messages', () => {
  test('the last output comes from the last message with text', () => {
    const session = open().session({ atMs: noonMs }).turn('a', 'Said this.\n   \n');
    session.prompt('b').step().tool('bash', {}).toolDone().finish('tool-calls').after(5).step().stream();
    expect(read(session.id).lastOutput).toBe('Said this.');
  });

  test('context tokens and model come from the last message with output', () => {
    const session = open().session({ atMs: noonMs, model: { providerID: 'p', modelID: 'm' } });
    session.turn('a', 'b', { input: 100, output: 20, cacheRead: 1000 });
    for (let attempt = 0; attempt < 20; attempt += 1) session.after(5).step().fail();
    const { contextTokens, contextModel } = read(session.id);
    expect([contextTokens, contextModel?.modelId]).toEqual([1120, 'm']);
  });

  test('totals have no cost if all models have no price', () => {
    const session = open().session({ atMs: noonMs }).prompt('a').after(5).step();
    session.finish('stop', { input: 100, output: 10 }, 0);
    const source = sourceIn(folder.path, { db: db.path });
    const costs = () => {
      const { today, allTime } = settle(source, requestOf());
      return [today?.tokens.input, today?.cost, allTime?.cost];
    };
    expect(costs()).toEqual([100, undefined, undefined]);
    session.after(5).prompt('b').after(5).step().finish('stop', { input: 50 }, 0.25);
    expect(costs()).toEqual([150, 0.25, 0.25]);
    source.close();
  });

  test('a subagent is read with its parent, and the parent with its subagent', () => {
    const parent = open().session({ atMs: noonMs }).prompt('go').step();
    const child = parent.subagent('look around').prompt('look');
    const source = sourceIn(folder.path, { db: db.path });
    const selection = { includeIdle: false, sessionIds: new Set([child.id]) };
    const later = noonMs + 30 * 24 * 3600 * 1000;
    const { sessions } = settle(source, requestOf(selection), later);
    expect([...sessions.keys()].sort()).toEqual([parent.id, child.id].sort());
    expect(sessions.get(child.id)?.parentId).toBe(parent.id);
    const call = sessions.get(parent.id)?.newestAssistant?.parts[0];
    expect(call?.kind === 'tool' && call.call.childSessionId).toBe(child.id);
    source.close();
  });
});

describe('the sessions that are read', () => {
  test('are those requested by id or directory and recent ones, and idle ones only on request', () => {
    open();
    const hour = 3600 * 1000;
    const begin = (title: string, hoursAgo: number, directory: string) =>
      db.session({ atMs: noonMs - hoursAgo * hour, title, directory }).turn('a', 'b').id;
    const old = begin('old', 900, '/a');
    begin('old here', 800, '/here');
    begin('three days', 72, '/a');
    begin('today', 1, '/a');
    const source = sourceIn(folder.path, { db: db.path });
    const titles = (request: Parameters<typeof requestOf>[0]) =>
      [...settle(source, requestOf({ includeIdle: false, ...request })).sessions.values()].map(
        (each) => each.title,
      );
    expect(titles({})).toEqual(['today']);
    expect(titles({ includeIdle: true })).toEqual(['today', 'three days']);
    expect(titles({ sessionIds: new Set([old, 'ses_unknown']) })).toEqual(['old', 'today']);
    expect(titles({ directories: new Set(['/here', '/nowhere']) })).toEqual(['old here', 'today']);
    source.close();
  });
});

describe('unusual rows', () => {
  const json = [
    '',
    'null',
    '[]',
    '{',
    '"text"',
    '{"role":7}',
    '{"role":"assistant","time":[],"tokens":"x","error":3,"model":{}}',
  ];
  const damaged = [...json, '['.repeat(100_000)].map((data) => [data.slice(0, 20), data] as const);

  test.each(damaged)('invalid JSON %j hides only its own fields of a message, part or session', (_, data) => {
    const session = open()
      .session({ atMs: noonMs, title: 'Kept' })
      .turn('a', 'b')
      .prompt('c')
      .step()
      .tool('bash', {});
    db.update('message', session.messageId, { data });
    db.update('part', session.partId, { data });
    session.set({ model: data, revert: data, permission: data });
    const { title, messageCount, interactive, model } = read(session.id);
    expect([title, messageCount, interactive, model?.modelId]).toEqual(['Kept', 4, true, 'fake-1']);
  });

  test('columns of a wrong type give absent values', () => {
    const session = open().session({ atMs: noonMs, title: 'Kept' }).turn('a', 'b');
    db.run(
      "update session set title = x'00ff', directory = 7, time_updated = 'soon', time_archived = -1, cost = 'much', tokens_input = 'x' where id = ?",
      session.id,
    );
    const { title, directory, updatedAtMs, archivedAtMs, cost } = read(session.id);
    // SQLite converts a number in a text column to text. Without sums in the row, those of the messages count.
    expect([title, directory, updatedAtMs, archivedAtMs, cost]).toEqual([
      undefined,
      '7',
      undefined,
      undefined,
      0.001,
    ]);
  });

  test('a part of an unknown type keeps its name and does not affect the state', () => {
    const session = open().session({ atMs: noonMs }).prompt('a').step().stream();
    session.part({ type: 'hologram', depth: 3 });
    const parts = read(session.id).newestAssistant?.parts ?? [];
    expect(parts.map((part) => ('type' in part ? `${part.kind} ${part.type}` : part.kind))).toEqual([
      'step-start',
      'text',
      'other hologram',
    ]);
  });

  test('a message of an unknown role is counted, but is no turn', () => {
    const session = open().session({ atMs: noonMs }).turn('a', 'b').prompt('c');
    db.update('message', session.userId, { data: '{"role":"oracle","time":{"created":"dawn"}}' });
    const { messageCount, newestUser, newestAssistant } = read(session.id);
    expect([messageCount, newestUser?.text, newestAssistant?.finish]).toEqual([3, 'a', 'stop']);
  });

  test('texts contain no control characters', () => {
    const session = open()
      .session({ atMs: noonMs, title: '\u001b[31mred\u0007\n\u202eevil' })
      .turn('a', '\u001b]0;x\u0007ok');
    const { title, lastOutput } = read(session.id);
    expect([title, lastOutput]).toEqual(['red evil', 'ok']);
  });

  test('a part of 10 MB is read only up to its output', () => {
    const session = open().session({ atMs: noonMs }).prompt('a').step().tool('webfetch', { url: 'http://x' });
    session.after(5).toolDone('x'.repeat(10_000_000));
    expect(shown(read(session.id))).toEqual([
      'message +0, open',
      'webfetch, completed, http://x, metadata false, +0 to +5',
    ]);
  });
});
