import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SessionDetails } from '../../../lib/sources/opencode/session-detail.ts';
import { OpencodeDatabase } from '../../support/opencode-database.ts';
import { engine, noonMs, temporaryFolder } from '../../support/session-source.ts';

let folder: ReturnType<typeof temporaryFolder>;
let db: OpencodeDatabase;
let details: SessionDetails;

beforeEach(() => {
  folder = temporaryFolder();
  db = new OpencodeDatabase(join(folder.path, 'opencode.db'));
  details = new SessionDetails(engine);
});

afterEach(() => {
  details.close();
  db.close();
  folder.remove();
});

describe('the details of a session', () => {
  test('include its messages with role, time, tokens, finish, tools and text', () => {
    const session = db
      .session({ atMs: noonMs })
      .prompt('Fix\nit')
      .after(5)
      .step()
      .stream()
      .closes('I look.\n\nHere.');
    session
      .tool('bash', { command: 'ls', timeout: 5 })
      .toolFails('no')
      .finish('tool-calls', { input: 7, output: 8 });
    expect(details.messages({ id: session.id, databasePath: db.path }, 0, 10)).toMatchSnapshot();
  });

  test('give any range of its messages', () => {
    const session = db.session({ atMs: noonMs });
    for (let turn = 0; turn < 30; turn += 1) session.turn(`q${turn}`, `a${turn}`);
    const place = { id: session.id, databasePath: db.path };
    const lines = (from: number, count: number) =>
      details.messages(place, from, count).flatMap((each) => each.lines);
    expect(details.open(place)?.messageCount).toBe(60);
    expect(lines(0, 3)).toEqual(['q0', 'a0', 'q1']);
    expect(lines(57, 20)).toEqual(['a28', 'q29', 'a29']);
    expect(lines(60, 20)).toEqual([]);
    session.turn('new', 'newest');
    expect(lines(60, 20)).toEqual(['new', 'newest']);
  });

  test('include all shown fields of a part with a large output', () => {
    const long = 'x'.repeat(20_000);
    const session = db.session({ atMs: noonMs }).prompt('Write it').step();
    session.tool('bash', { command: 'npm test' }).toolDone(long);
    session.tool('write', { content: long, filePath: '/home/u/a.ts' }).toolDone(long);
    session.tool('bash', { command: 'false', description: long }).toolFails('it broke');
    session.stream().closes(`${'word '.repeat(4000)}\nthe end`);
    session.finish();
    const [, message] = details.messages({ id: session.id, databasePath: db.path }, 0, 10);
    expect(message?.tools.map(({ status, subject, error }) => ({ status, subject, error }))).toEqual([
      { status: 'completed', subject: 'npm test', error: undefined },
      { status: 'completed', subject: '/home/u/a.ts', error: undefined },
      { status: 'error', subject: 'false', error: 'it broke' },
    ]);
    expect(message?.lines.at(-1)).toBe('the end');
  });

  test('show the texts of questions and todos as the subject of a tool', () => {
    const session = db.session({ atMs: noonMs }).prompt('Plan it').step();
    const todos = ['Read', 'Write'].map((content) => ({ content, status: 'pending', priority: 'high' }));
    session.tool('todowrite', { todos }).toolDone();
    session.question('Which db?');
    const [, message] = details.messages({ id: session.id, databasePath: db.path }, 0, 10);
    expect(message?.tools.map(({ subject }) => subject)).toEqual(['Read; Write', 'Which db?']);
  });

  test('include its todos in the order of their positions', () => {
    const session = db.session({ atMs: noonMs }).todos([
      { content: 'one', status: 'completed', priority: 'high' },
      { content: 'two', status: 'in_progress' },
    ]);
    db.run('update todo set position = 9 where content = ?', 'one');
    expect(details.open({ id: session.id, databasePath: db.path })?.todos).toEqual([
      { content: 'two', status: 'in_progress', priority: 'medium' },
      { content: 'one', status: 'completed', priority: 'high' },
    ]);
  });

  test('include all todos, in any order, if one has no position', () => {
    const session = db.session({ atMs: noonMs }).todos([
      { content: 'one', status: 'pending' },
      { content: 'two', status: 'pending' },
    ]);
    db.run("update todo set position = 'nowhere', status = 'lost' where content = ?", 'one');
    const todos = details.open({ id: session.id, databasePath: db.path })?.todos ?? [];
    expect(todos.map(({ content }) => content).toSorted()).toEqual(['one', 'two']);
  });

  test('are empty if the session or its database does not exist', () => {
    const nowhere = { id: 'ses_x', databasePath: join(folder.path, 'none.db') };
    expect(details.open(nowhere)).toBeUndefined();
    expect(details.open({ id: 'ses_x', databasePath: db.path })).toBeUndefined();
    expect(details.messages(nowhere, 0, 10)).toEqual([]);
    expect(details.tokenHistory([nowhere], 0, noonMs)).toEqual(new Map());
  });
});

describe('the token history', () => {
  test('contains the messages that were completed in the span', () => {
    const session = db.session({ atMs: noonMs });
    session.turn('a', 'b', { input: 100, output: 10, cacheRead: 5000 }).after(60_000);
    session.turn('c', 'd', { input: 1, output: 2 }).after(60_000).prompt('e').step();
    const place = { id: session.id, databasePath: db.path };
    const all = details.tokenHistory([place], noonMs, noonMs + 600_000).get(session.id);
    expect(all?.map(({ atMs, tokens }) => [atMs - noonMs, tokens]).sort()).toEqual(
      [
        [60, 110],
        [60_125, 3],
      ].sort(),
    );
    const late = details.tokenHistory([place], noonMs + 60_000, noonMs + 600_000).get(session.id);
    expect(late?.map(({ tokens }) => tokens)).toEqual([3]);
  });
});
