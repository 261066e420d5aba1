import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SessionDetails } from '../../../lib/sources/opencode/session-detail.ts';
import { OpencodeDatabase } from '../../support/opencode-database.ts';
import {
  engine,
  noonMs,
  requestOf,
  settle,
  sourceIn,
  temporaryFolder,
} from '../../support/session-source.ts';

const id = 'ses_dfc4cf0c2ffeAAAAAAAAAAAAAA';
const model = { id: 'fake-1', providerID: 'fake', variant: 'high' };

let folder: ReturnType<typeof temporaryFolder>;
let db: OpencodeDatabase;
let seq = 0;

beforeEach(() => {
  folder = temporaryFolder();
  seq = 0;
  db = new OpencodeDatabase(join(folder.path, 'opencode.db'), '2.0');
  db.insert('session_v2', {
    id,
    project_id: 'global',
    slug: 's',
    directory: '/home/u/a',
    title: null,
    version: '2.0.3',
    model: JSON.stringify(model),
    agent: 'build',
    cost: 0.5,
    tokens_input: 11,
    tokens_output: 22,
    time_created: noonMs,
    time_updated: noonMs + 10,
    time_suspended: noonMs + 5,
  });
});

afterEach(() => {
  db.close();
  folder.remove();
});

function add(type: string, atMs: number, data: object): void {
  seq += 1;
  const times = { time_created: atMs, time_updated: atMs };
  db.insert('session_message', {
    id: `msg_v2_${seq}`,
    session_id: id,
    type,
    seq,
    ...times,
    data: JSON.stringify(data),
  });
}

/** Adds a prompt and an assistant message with reasoning, text and a running tool. */
function addTurn(): void {
  add('user', noonMs, { time: { created: noonMs }, text: 'Look around', files: [] });
  add('assistant', noonMs + 5, {
    time: { created: noonMs + 5 },
    agent: 'build',
    model,
    content: [
      { type: 'reasoning', text: 'hm', time: { created: noonMs + 6, completed: noonMs + 7 } },
      { type: 'text', text: 'I look.\nNow.' },
      {
        type: 'tool',
        id: 'call_1',
        name: 'shell',
        executed: false,
        state: { status: 'running', input: { command: 'ls' } },
        time: { created: noonMs + 8, ran: noonMs + 9 },
      },
    ],
    tokens: { input: 1, output: 2, reasoning: 3, cache: { read: 4, write: 5 } },
  });
}

describe('sessions of opencode 2', () => {
  test('have the same fields as those of opencode 1, and their claim', () => {
    addTurn();
    const source = sourceIn(folder.path, { db: db.path });
    const { sessions, today, troubles } = settle(source, requestOf());
    const session = sessions.get(id);
    expect({ ...session, databasePath: '' }).toMatchSnapshot();
    expect([today?.messageCount, today?.tokens.output, troubles]).toEqual([2, 2, []]);
    source.close();
  });

  test('are updated after a change', () => {
    addTurn();
    const source = sourceIn(folder.path, { db: db.path });
    settle(source, requestOf());
    db.update('session_v2', id, {
      time_suspended: null,
      time_idle: noonMs + 50,
      idle_outcome: 'succeeded',
      title: 'Named',
    });
    add('idle', noonMs + 50, { time: { created: noonMs + 50 }, outcome: 'succeeded' });
    const session = source.refresh(requestOf(), noonMs).sessions.get(id);
    expect([session?.title, session?.claimedAtMs, session?.idleAtMs]).toEqual([
      'Named',
      undefined,
      noonMs + 50,
    ]);
    source.close();
  });

  test('replace the stale copy of opencode 1 under the same id', () => {
    addTurn();
    db.session({ atMs: noonMs, id, title: 'Stale copy' }).turn('old', 'old').turn('old', 'old');
    db.session({ atMs: noonMs, title: 'Only in 1' }).turn('a', 'b');
    const source = sourceIn(folder.path, { db: db.path });
    const { sessions, allTime } = settle(source, requestOf());
    expect([...sessions.values()].map((each) => each.lastOutput)).toEqual(
      expect.arrayContaining(['Now.', 'b']),
    );
    expect([sessions.get(id)?.messageCount, allTime?.sessionCount, allTime?.messageCount]).toEqual([2, 2, 4]);
    source.close();
  });

  test('have their history in the content of their rows', () => {
    addTurn();
    const details = new SessionDetails(engine);
    const place = { id, databasePath: db.path };
    const [user, assistant] = details.messages(place, 0, 10);
    expect([user?.role, user?.lines, assistant?.lines]).toEqual([
      'user',
      ['Look around'],
      ['I look.', 'Now.'],
    ]);
    expect(assistant?.tools).toEqual([
      { tool: 'shell', status: 'running', subject: 'ls', input: '{"command":"ls"}' },
    ]);
    details.close();
  });
});
