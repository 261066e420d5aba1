import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../lib/system/clock.ts';
import { linuxWorld } from '../sources/process/fake-proc.ts';
import { startMs } from '../sources/process/world.ts';
import { runCommandIn } from '../support/command.ts';
import { emptyMachine } from '../support/machine.ts';
import { OpencodeDatabase } from '../support/opencode-database.ts';
import { ReleasedServer } from '../support/released-server.ts';
import { SessionWriterV2 } from '../support/session-writer-v2.ts';

// A story of a released service, played in its database and over its API at once, by the stand-ins of both.

let home: string;
let world: ReturnType<typeof linuxWorld>;
let server: ReleasedServer;
let db: OpencodeDatabase;
let writer: SessionWriterV2;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'otop-story-home-'));
  const share = join(home, '.local/share/opencode');
  const state = join(home, '.local/state/opencode');
  for (const folder of [share, state]) mkdirSync(folder, { recursive: true });
  db = new OpencodeDatabase(join(share, 'opencode.db'), '2.0');
  server = await new ReleasedServer().start();
  const note = { id: 'a', version: server.version, url: server.url, pid: 700, password: server.password };
  writeFileSync(join(state, 'service.json'), JSON.stringify(note), { mode: 0o600 });
  world = linuxWorld();
  world.put({
    pid: 700,
    argv: ['opencode', 'serve', '--service'],
    executable: '/usr/bin/opencode',
    cwd: home,
    files: [{ fd: 20, path: db.path }],
    listensOn: server.port,
  });
  writer = new SessionWriterV2(db, { build: 'released', atMs: startMs, title: 'Tidy the shop' });
});

afterEach(async () => {
  db.close();
  world.close();
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

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
  const clock: Clock = { ...systemClock, nowMs: () => writer.atMs + 10_000 };
  const machine = { ...emptyMachine, procRoot: world.root };
  const args = ['sessions', '--all', '--db', db.path];
  const { out } = await runCommandIn(args, { HOME: home, TMPDIR: home }, clock, false, machine);
  const [first] = (JSON.parse(out) as Printed[]).filter(({ session }) => session !== null);
  if (first === undefined) return 'no row';
  const { status, asking_for: asked, cost, last_output: output } = first.session;
  return `${first.pid} ${status}${asked === null ? '' : ` ${asked}`}, ${cost ?? '-'}, ${output ?? '-'}`;
}

describe('a turn in a released service', () => {
  it('is told by its rows, its asks by its API', async () => {
    writer.claim();
    server.begin(writer.id, '/home/u/project');
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
    writer.claim();
    server.begin(writer.id, '/home/u/project');
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
    world.end(700);
    await server.close();
    expect(await row()).toBe('null stale, 0.25, -');
  });
});
