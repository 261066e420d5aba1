import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReportedActivity } from '../../../lib/domain/session/reported-status.ts';
import type { Session } from '../../../lib/domain/session/session.ts';
import { sessionState } from '../../../lib/domain/session/status.ts';
import { OpencodeDatabase } from '../../support/opencode-database.ts';
import { noonMs, requestOf, settle, sourceIn, temporaryFolder } from '../../support/session-source.ts';
import { type BuildV2, SessionWriterV2 } from '../../support/session-writer-v2.ts';

let folder: ReturnType<typeof temporaryFolder>;
let db: OpencodeDatabase;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  db.close();
  folder.remove();
});

function open(build: BuildV2): SessionWriterV2 {
  db = new OpencodeDatabase(join(folder.path, 'opencode.db'), build === 'preview' ? '1.18.33' : '2.0');
  return new SessionWriterV2(db, { build, atMs: noonMs });
}

function read(id: string): Session {
  const source = sourceIn(folder.path, { db: db.path });
  const session = settle(source, requestOf({ sessionIds: new Set([id]) })).sessions.get(id);
  source.close();
  if (session === undefined) throw new Error(`no session ${id}`);
  return session;
}

/** The state of a session with a live service, a second after the last write, as text. */
function stateOf(writer: SessionWriterV2): string {
  const process = { startedAtMs: noonMs - 60_000, children: [] };
  const state = sessionState({ session: read(writer.id), process, nowMs: writer.atMs + 1000 });
  const { name, askingFor, tool, detail, rule, needsYou } = state;
  const words = [name, askingFor, tool].filter((one) => one !== undefined).join(' ');
  return `${words}${detail === undefined ? '' : ` | ${detail}`} (${rule}${needsYou ? ', needs you' : ''})`;
}

const builds = ['preview', 'released'] as const;

describe.each(builds)('the states of opencode 2, %s', (build) => {
  const turn = (): SessionWriterV2 => open(build).claim().prompt('Go').after(100);

  it('new: a session without a message', () => {
    expect(stateOf(open(build))).toBe('new (new)');
  });

  it('thinking: a prompt before its step, a step without content, reasoning', () => {
    const writer = turn();
    expect(stateOf(writer)).toBe('thinking | waiting for the first token (prompted)');
    writer.step();
    expect(stateOf(writer)).toBe('thinking | waiting for the first token (step)');
    writer.content({ type: 'reasoning', text: '', time: { created: writer.atMs } });
    expect(stateOf(writer)).toBe('thinking | reasoning (step)');
  });

  it('generating: a text, empty until it ends', () => {
    expect(stateOf(turn().step({ type: 'text', text: '' }))).toBe('generating (step)');
  });

  it('tool use: arguments that arrive, then the running tool', () => {
    const writer = turn().step();
    const status = build === 'preview' ? 'pending' : 'streaming';
    writer.content(writer.tool('bash', {}, { status, input: '' }));
    expect(stateOf(writer)).toBe('tool use bash (step)');
    writer.content(writer.tool('bash', { command: 'ls -l' }));
    expect(stateOf(writer.after(60_000))).toBe('tool use bash | ls -l (step)');
  });

  it('asking: a question by its row; a permission looks like a running tool', () => {
    const writer = turn().step();
    writer.content(writer.tool('question', { questions: [{ question: 'Left or right?' }] }));
    expect(stateOf(writer)).toBe('asking question | Left or right? (question-part, needs you)');
  });

  it('idle: a finished turn, with its tokens and its cost', () => {
    const writer = turn()
      .step({ type: 'text', text: 'Done.\nAll of it.' })
      .after(500)
      .finish()
      .after(1)
      .idle();
    expect(stateOf(writer)).toBe('idle (idle)');
    const { lastOutput, lastPrompt, messageCount, tokens, cost, model, contextTokens } = read(writer.id);
    expect([lastOutput, lastPrompt?.text, messageCount, tokens?.input, tokens?.output, cost]).toEqual([
      'All of it.',
      'Go',
      2,
      100,
      20,
      0.25,
    ]);
    expect([model, contextTokens]).toEqual([{ providerId: 'fake', modelId: 'fake-1' }, 132]);
  });

  it('truncated: the output limit', () => {
    const writer = turn().step({ type: 'text', text: 'cut' }).finish('length').idle();
    expect(stateOf(writer)).toBe('truncated (truncated, needs you)');
  });

  it('error: a failed step', () => {
    const name = build === 'preview' ? 'unknown' : 'provider.auth';
    const writer = turn().step().fail(name, 'no key').idle('failed');
    expect(stateOf(writer)).toBe(
      `error | ${name === 'unknown' ? '' : 'provider.auth: '}no key (error, needs you)`,
    );
  });

  it('idle: interrupted by the user, which is no error', () => {
    const writer = turn().step({ type: 'text', text: 'half' });
    if (build === 'preview') writer.fail('unknown', 'Provider turn interrupted');
    else writer.fail('aborted', 'Step interrupted').idle('interrupted');
    expect(stateOf(writer)).toBe('idle | aborted (interrupted)');
  });

  it('idle: a rejected permission or a dismissed question ends the turn', () => {
    const writer = turn().step();
    if (build === 'preview') {
      const error = { type: 'unknown', message: 'Tool execution interrupted' };
      writer.content(writer.tool('bash', { command: 'ls' }, { status: 'error', error }));
      expect(stateOf(writer.after(60_000))).toBe('idle | aborted (interrupted)');
      return;
    }
    const error = { type: 'permission.rejected', message: 'The user declined this tool call' };
    writer.content(writer.tool('shell', { command: 'ls' }, { status: 'error', error }));
    writer.fail('aborted', 'Step interrupted').idle('interrupted');
    expect(stateOf(writer)).toBe('idle | rejected (interrupted)');
  });

  it('queued: a prompt in the queue behind a step; delivered, it waits for its answer although its time is old', () => {
    const writer = turn().step({ type: 'text', text: '' }).after(1000);
    const enqueuedAtMs = writer.atMs;
    const id = writer.enqueue('And then?');
    expect(stateOf(writer)).toBe('queued | behind generating (queued)');
    writer.after(5000).finish().after(100).deliver(id, 'And then?', enqueuedAtMs);
    expect(stateOf(writer)).toBe('thinking | waiting for the first token (prompted)');
  });

  it('thinking: a prompt after a turn whose answer was left open', () => {
    const writer = turn().step();
    const error = { type: 'unknown', message: 'Tool execution interrupted' };
    writer.content(writer.tool('bash', { command: 'ls' }, { status: 'error', error }));
    writer.after(5000).claim().prompt('Again');
    expect(stateOf(writer)).toBe('thinking | waiting for the first token (prompted)');
  });

  it('idle: prompts that stay in the queue after an interrupt are named', () => {
    const writer = turn().step({ type: 'text', text: '' });
    writer.enqueue('And then?');
    if (build === 'preview') writer.fail('unknown', 'Provider turn interrupted');
    else writer.fail('aborted', 'Step interrupted').idle('interrupted');
    expect(stateOf(writer)).toBe('idle | aborted, 1 prompt waits (interrupted)');
  });

  it('the tables of a session without messages are chosen again with its first message', () => {
    const writer = open(build);
    const source = sourceIn(folder.path, { db: db.path });
    settle(source, requestOf());
    writer.claim().prompt('Go').step({ type: 'text', text: 'Hello.' }).finish().idle();
    const { sessions } = settle(source, requestOf());
    expect(sessions.get(writer.id)).toMatchObject({ lastOutput: 'Hello.', messageCount: 2, cost: 0.25 });
    writer.after(1000).prompt('More').step({ type: 'text', text: 'Yes.' }).finish();
    const again = settle(source, requestOf());
    expect(again.sessions.get(writer.id)).toMatchObject({ lastOutput: 'Yes.', messageCount: 4, cost: 0.5 });
    expect(again.allTime).toMatchObject({ sessionCount: 1, messageCount: 4, cost: 0.5 });
    source.close();
  });
});

describe.each(builds)('bad rows of opencode 2, %s', (build) => {
  const turn = (): SessionWriterV2 => open(build).claim().prompt('Go').after(100);
  const broken = (writer: SessionWriterV2, data: string) => {
    db.update('session_message', writer.messageId, { data, time_updated: writer.atMs });
    return writer;
  };

  it('of an unknown type change nothing', () => {
    const writer = turn().step({ type: 'text', text: 'Done.' }).finish().idle();
    expect(stateOf(writer.message('hologram', { beam: { me: 'up' } }))).toBe('idle (idle)');
    const atWork = writer.claim().prompt('More').step({ type: 'beam' }, { type: 'text', text: '' });
    expect(stateOf(atWork)).toBe('generating (step)');
  });

  it('that are not JSON, or other JSON, cost only what they held', () => {
    const writer = turn().step({ type: 'text', text: 'Done.' });
    for (const data of ['not json', '[]', 'null', '{"time":7,"content":{"text":"x"}}']) {
      expect(stateOf(broken(writer, data))).toBe('thinking | waiting for the first token (step)');
      const { messageCount, lastPrompt } = read(writer.id);
      expect([messageCount, lastPrompt?.text]).toEqual([2, 'Go']);
    }
  });

  it('of a prompt still are a prompt', () => {
    expect(stateOf(broken(turn(), '{"text":'))).toBe('thinking | waiting for the first token (prompted)');
  });

  it('of an end without a readable outcome still end the turn', () => {
    if (build === 'preview') {
      turn();
      return;
    }
    const writer = turn().step({ type: 'text', text: 'Done.' }).finish().idle();
    expect(stateOf(broken(writer, '{"outcome":"vanished"}'))).toBe('idle (idle)');
    expect(stateOf(broken(writer, 'not json'))).toBe('idle (idle)');
  });
});

describe('the states of the released opencode 2', () => {
  const turn = (): SessionWriterV2 => open('released').claim().prompt('Go').after(100);

  it('retrying: a retry in the message', () => {
    const writer = turn().step();
    writer.rewrite({
      retry: { attempt: 2, at: writer.atMs + 5000, error: { type: 'x', message: 'slow down' } },
    });
    expect(stateOf(writer)).toBe('retrying | attempt 2: slow down (retry-message)');
  });

  it('compacting while the compaction runs; nothing of it remains afterwards', () => {
    const writer = turn().step({ type: 'text', text: 'a' }).finish();
    writer.message('compaction', { status: 'running', reason: 'manual', summary: '', recent: '' });
    expect(stateOf(writer)).toBe('compacting (compacting-asked)');
    writer.rewrite({ status: 'completed', summary: 's' }).idle();
    expect(stateOf(writer.after(600_000))).toBe('idle (idle)');
  });

  it('tool use: a shell command of the user', () => {
    const writer = open('released').message('shell', { shellID: 's', command: 'make', status: 'running' });
    expect(stateOf(writer)).toBe('tool use shell | make (step)');
    writer.rewrite({ status: 'exited', exit: 0, output: '' });
    expect(stateOf(writer)).toBe('new (new)');
  });

  it('error: a turn that failed without a message', () => {
    const error = { type: 'provider.no-route', message: 'no such model' };
    expect(stateOf(turn().idle('failed', { error }))).toBe(
      'error | provider.no-route: no such model (error-turn, needs you)',
    );
  });

  it('thinking: a turn of the service before this one, if this one has resumed it, else stale', () => {
    const writer = turn().step();
    const process = { startedAtMs: noonMs + 60_000, children: [] };
    for (const made of [writer, writer.content(writer.tool('shell', { command: 'make' }))]) {
      const evidence = { session: read(made.id), process, nowMs: noonMs + 90_000 };
      const report = { source: 'server', sessionId: made.id, atMs: noonMs + 89_000, asks: [] } as const;
      const named = (activity?: ReportedActivity) =>
        sessionState({ ...evidence, reported: activity && { ...report, activity } }).name;
      expect([named(), named({ kind: 'busy' }), named({ kind: 'idle' })]).toEqual([
        'stale',
        'thinking',
        'stale',
      ]);
    }
  });

  it('thinking: a claim after the end of a turn, before the prompt is delivered', () => {
    const writer = turn().step().finish().idle().after(5000).claim();
    expect(stateOf(writer)).toBe('thinking | waiting for the first token (prompted)');
  });

  it('the last prompt of `run` is shown without its quotes', () => {
    expect(read(open('released').prompt('"fix it"').id).lastPrompt?.text).toBe('fix it');
  });
});

describe('sessions of opencode 1 in a database of opencode 2', () => {
  const day = 24 * 3600 * 1000;
  const titles = (): unknown[] => {
    const source = sourceIn(folder.path, { db: db.path });
    const reading = settle(source, requestOf());
    source.close();
    return [[...reading.sessions.values()].map(({ title }) => title).sort(), reading.allTime?.sessionCount];
  };
  const importPhase = (phase: string, atMs: number): void =>
    db.insert(
      'kv',
      { key: 'migration.v1-v2', value: JSON.stringify({ phase }), time_created: atMs, time_updated: atMs },
      'or replace',
    );

  it('count until the import has ended, then only if they are newer', () => {
    const copied = open('released').row({ title: 'Copy' }).prompt('a').step().finish();
    db.session({ atMs: noonMs - day, id: copied.id, title: 'Stale original' }).turn('a', 'b');
    db.session({ atMs: noonMs - day, title: 'Deleted in 2' }).turn('a', 'b');
    db.session({ atMs: noonMs, title: 'Made later' }).turn('a', 'b');
    importPhase('sessions', noonMs - day / 2);
    expect(titles()).toEqual([['Copy', 'Deleted in 2', 'Made later'], 3]);
    importPhase('completed', noonMs - day / 2);
    expect(titles()).toEqual([['Copy', 'Made later'], 2]);
  });

  it('are hidden when the import ends while otop runs', () => {
    const copied = open('released').row({ title: 'Copy' }).prompt('a').step().finish();
    db.session({ atMs: noonMs - day, id: copied.id, title: 'Stale original' }).turn('a', 'b');
    const late = db.session({ atMs: noonMs - day, title: 'Not imported' }).turn('a', 'b');
    const source = sourceIn(folder.path, { db: db.path });
    expect([...settle(source, requestOf()).sessions.keys()]).toContain(late.id);
    importPhase('completed', noonMs);
    const { sessions, allTime } = settle(source, requestOf());
    expect([[...sessions.keys()], allTime?.sessionCount]).toEqual([[copied.id], 1]);
    source.close();
  });
});
