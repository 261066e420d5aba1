import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReleasedWorld } from '../support/released-world.ts';

// A story of a released service, played in its database and over its API at once, by the stand-ins of both.

let world: ReleasedWorld;

beforeEach(async () => {
  world = await ReleasedWorld.start();
  world.writeNote();
});

afterEach(() => world.close());

interface Printed {
  readonly pid: number | null;
  readonly session: {
    readonly status: string;
    readonly asking_for: string | null;
    readonly cost: number | null;
    readonly last_output: string | null;
    readonly error?: string | null;
  };
}

/** The session's row as `pid state, cost, last output`, ten seconds after the last write. */
async function row(): Promise<string> {
  const { out } = await world.otop(world.writer.atMs + 10_000, 'sessions', '--all', '--db', world.db.path);
  const [first] = (JSON.parse(out) as Printed[]).filter(({ session }) => session !== null);
  if (first === undefined) return 'no row';
  const { status, asking_for: asked, cost, last_output: output } = first.session;
  return `${first.pid} ${status}${asked === null ? '' : ` ${asked}`}, ${cost ?? '-'}, ${output ?? '-'}`;
}

describe('a turn in a released service', () => {
  it('is told by its rows, its asks by its API', async () => {
    const { server } = world;
    const writer = world.begin();
    writer.after(5).prompt('Go').after(5).step({ type: 'text', text: '' });
    expect(await row()).toBe('700 generating, -, -');
    const call = () => writer.tool('shell', { command: 'make test' });
    writer.after(5).content({ type: 'text', text: 'I test.' }, call());
    const permission = server.askPermission(writer.id, { resources: ['make test'] });
    expect(await row()).toBe('700 asking permission, -, I test.');
    server.settle(permission);
    expect(await row()).toBe('700 tool use, -, I test.');
    writer.after(5).finish('tool-calls').after(5).step();
    expect(await row()).toBe('700 thinking, 0.25, I test.');
    writer.rewrite({
      retry: { attempt: 2, at: writer.atMs + 60_000, error: { type: 'x', message: 'slow' } },
    });
    expect(await row()).toBe('700 retrying, 0.25, I test.');
    writer
      .rewrite({ retry: undefined, content: [{ type: 'text', text: 'All green.' }] })
      .after(5)
      .finish();
    writer.after(1).idle();
    server.end(writer.id);
    expect(await row()).toBe('700 idle, 0.5, All green.');
  });

  it('asks by a form, fails without a message, and is left by a killed service', async () => {
    const { server } = world;
    const writer = world.begin();
    writer.prompt('Go').step(writer.tool('question', { questions: [{ question: 'Which?' }] }));
    server.askForm(writer.id, [{ key: 'q0', type: 'string', title: 'Which?' }]);
    expect(await row()).toBe('700 asking question, -, -');
    writer.after(5).finish('stop').after(1).idle();
    server.end(writer.id);
    writer.after(1000).claim().prompt('More').after(5);
    writer.idle('failed', { error: { type: 'provider.no-route', message: 'no such model' } });
    server.end(writer.id, 'failed');
    expect(await row()).toBe('700 error, 0.25, -');
    writer.after(1000).claim().prompt('Again').step({ type: 'text', text: '' });
    await world.kill();
    expect(await row()).toBe('null stale, 0.25, -');
  });
});
