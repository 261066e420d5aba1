import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReportReading } from '../../../lib/domain/board/readings.ts';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import type { Answer } from '../../../lib/domain/session/acts.ts';
import type { ReportedAsk } from '../../../lib/domain/session/reported-status.ts';
import { serverActs } from '../../../lib/sources/server/acts.ts';
import { type Limits, usualLimits } from '../../../lib/sources/server/bounded-fetch.ts';
import { LocalServers } from '../../../lib/sources/server/local-servers.ts';
import { serverPasswords } from '../../../lib/sources/server/server-passwords.ts';
import { process } from '../../support/builders.ts';
import { firstReading } from '../../support/first-reading.ts';
import { ReleasedServer } from '../../support/released-server.ts';
import { basic } from '../../support/stand-in-server.ts';

const limits = { responseMs: 60_000, responseBytes: 2 ** 20, eventBytes: 10_000, silenceMs: 60_000 };
let server: ReleasedServer;
let servers: LocalServers;
let home: string;
/** The environments of processes, by pid. */
let environments: Map<number, ReadonlyMap<string, string>>;

beforeEach(async () => {
  server = await new ReleasedServer().start();
  home = mkdtempSync(join(tmpdir(), 'otop-released-home-'));
  environments = new Map();
  servers = open(limits);
});

function open(some: Limits): LocalServers {
  const environmentOf = (pid: number) => environments.get(pid);
  return new LocalServers({
    credentials: { headerFor: () => undefined },
    passwords: serverPasswords({ env: {}, homeDir: home, userId: undefined, environmentOf }),
    limits: some,
    connectionEnv: {
      nowMs: () => Date.now(),
      random: () => 0.5,
      sleep: () => new Promise((go) => setTimeout(go, 5)),
    },
  });
}

afterEach(async () => {
  servers.close();
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

const service = (some: Partial<OpencodeProcess> = {}) =>
  process({
    pid: 700,
    kind: 'serve',
    args: ['serve', '--service'],
    ports: [server.port],
    startedAtMs: 1000,
    ...some,
  });

/** Writes a file into opencode's state or configuration folder. */
function write(path: string, content: object | string): string {
  const file = join(home, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
  return file;
}

const writeNote = (some: object = {}) =>
  write('.local/state/opencode/service.json', {
    id: 'a',
    version: server.version,
    url: server.url,
    pid: 700,
    password: 'secret',
    ...some,
  });

const reading = (processes: readonly OpencodeProcess[], test: (now: ReportReading) => boolean) =>
  firstReading(servers, processes, test);

describe('a released service', () => {
  beforeEach(() => {
    writeNote();
  });

  it('is asked for its sessions at work, and for the asks of their directories only', async () => {
    server.begin('ses_a', '/a');
    server.begin('ses_b', '/b');
    server.end('ses_b');
    const permission = server.askPermission('ses_a', { message: 'May I?' });
    const { statuses, evidence, troubles } = await reading([service()], (now) => now.statuses.size > 0);
    expect(statuses.get('ses_a')).toMatchObject({
      activity: { kind: 'busy' },
      asks: [{ id: permission, kind: 'permission', tool: 'shell', patterns: ['rm x'], always: ['rm *'] }],
    });
    expect(statuses.has('ses_b')).toBe(false);
    expect(evidence.map(({ pid, sessionId, confidence }) => [pid, sessionId, confidence])).toEqual([
      [700, 'ses_a', 'certain'],
    ]);
    expect(troubles).toEqual([]);
  });

  it('is followed by its events, without a request for any of them', async () => {
    server.begin('ses_a', '/a');
    await reading([service()], (now) => now.statuses.has('ses_a'));
    const requests = server.seen.length;
    for (let index = 0; index < 50; index += 1)
      server.send('session.text.delta', { sessionID: 'ses_a', delta: 'x' }, '/a');
    server.send('session.retry.scheduled', {
      sessionID: 'ses_a',
      attempt: 2,
      at: 9e12,
      error: { message: 'slow' },
    });
    await reading([service()], (now) => now.statuses.get('ses_a')?.activity?.kind === 'retry');
    server.send('session.step.started', { sessionID: 'ses_a' }, '/a');
    await reading([service()], (now) => now.statuses.get('ses_a')?.activity?.kind === 'busy');
    server.askForm('ses_a', [{ key: 'q0', type: 'string', title: 'Which?' }]);
    await reading([service()], (now) => now.statuses.get('ses_a')?.asks[0]?.patterns[0] === 'Which?');
    server.send('something.new', { sessionID: 'ses_a' });
    server.sendRaw('data: no json\n\n');
    server.end('ses_a', 'failed', { error: { type: 'provider.auth', message: 'no key' } });
    const { statuses } = await reading(
      [service()],
      (now) => now.statuses.get('ses_a')?.activity?.kind === 'idle',
    );
    expect(statuses.get('ses_a')?.asks).toEqual([]);
    expect(server.seen).toHaveLength(requests);
  });

  it('is reconciled once after its stream ended', async () => {
    server.begin('ses_a', '/a');
    await reading([service()], (now) => now.statuses.has('ses_a'));
    server.manner = 'starting';
    server.cut();
    const away = await reading([service()], (now) => now.troubles.length > 0);
    expect(away.troubles[0]?.text).toMatch(/it is starting or stopping|closed its event stream/);
    server.end('ses_a');
    server.begin('ses_c', '/c');
    server.manner = 'running';
    const { statuses } = await reading([service()], (now) => now.statuses.has('ses_c'));
    expect([statuses.get('ses_a')?.activity?.kind, statuses.get('ses_c')?.activity?.kind]).toEqual([
      'idle',
      'busy',
    ]);
  });

  it('of a newer major is not spoken to', async () => {
    server.version = '3.0.1';
    const { troubles } = await reading([service()], (now) => now.troubles.length > 0);
    expect(troubles[0]?.text).toContain('opencode 3.0.1 is newer than this otop knows');
  });
});

describe('the password of a server', () => {
  const busy = async (made = service()) => {
    server.begin('ses_a', '/a');
    return reading(
      [made],
      (now) => now.statuses.size > 0 || (now.notes?.size ?? 0) > 0 || now.troubles.length > 0,
    );
  };

  it('comes from the note of a channel', async () => {
    write('.local/state/opencode/service-nightly.json', { pid: 700, password: 'secret' });
    expect((await busy()).statuses.size).toBe(1);
  });

  it("comes from the service's configuration if the note has none", async () => {
    writeNote({ password: undefined });
    write('.config/opencode/service.json', { password: 'secret' });
    expect((await busy()).statuses.size).toBe(1);
  });

  it('comes from the file of the preview, for a server that does not register too', async () => {
    write('.local/state/opencode/password', 'secret\n');
    expect((await busy(service({ args: ['serve', '--port', '4100'] }))).statuses.size).toBe(1);
  });

  it('comes from the environment of a private server', async () => {
    environments.set(700, new Map([['OPENCODE_PASSWORD', 'secret']]));
    expect((await busy(service({ args: ['serve', '--stdio', '--port', '0'] }))).statuses.size).toBe(1);
  });

  it('comes from the folders that the environment of the service names', async () => {
    const other = mkdtempSync(join(home, 'other-'));
    mkdirSync(join(other, 'opencode'));
    writeFileSync(join(other, 'opencode/service.json'), JSON.stringify({ pid: 700, password: 'secret' }), {
      mode: 0o600,
    });
    environments.set(700, new Map([['XDG_STATE_HOME', other]]));
    expect((await busy()).statuses.size).toBe(1);
  });

  it('is tried again with another one after a change', async () => {
    writeNote();
    await busy();
    server.password = 'changed';
    server.cut();
    await reading([service()], (now) => (now.notes?.size ?? 0) > 0);
    writeNote({ password: 'changed' });
    server.begin('ses_b', '/b');
    await reading([service()], (now) => now.statuses.has('ses_b'));
  });

  it('of a note that is readable by others is not sent, and why is said', async () => {
    chmodSync(writeNote(), 0o644);
    const { troubles, notes } = await busy();
    expect(troubles[0]?.text).toMatch(/^others can read .*service\.json: its password is not used until/);
    expect(notes?.get(700)).toContain('it needs a password');
    expect(server.seen.map(({ authorization }) => authorization)).not.toContain(basic('secret'));
  });

  it('that is unknown is a word on the row, not a trouble', async () => {
    const { troubles, notes } = await busy();
    expect([troubles, notes?.get(700)]).toEqual([[], expect.stringContaining('it needs a password')]);
  });
});

describe('answers', () => {
  beforeEach(() => {
    writeNote();
    server.begin('ses_a', '/a');
  });

  const acts = () =>
    serverActs(
      (id) => servers.hostOf(id),
      () => servers.asks(),
    );

  async function answerTo(id: string, answer: Answer) {
    const now = await reading([service()], ({ statuses }) => (statuses.get('ses_a')?.asks.length ?? 0) > 0);
    const ask = now.statuses.get('ses_a')?.asks.find((each) => each.id === id) as ReportedAsk;
    return acts().answer('ses_a', ask, answer);
  }

  it('allow and reject a permission as a decision', async () => {
    const id = server.askPermission('ses_a');
    expect(await answerTo(id, { kind: 'allow once' })).toEqual({
      done: true,
      text: 'allowed once: shell rm x in ses_a',
    });
    expect(await server.asked(`POST /api/session/ses_a/permission/${id}/reply`)).toEqual({
      decision: 'once',
    });
    const second = server.askPermission('ses_a');
    await reading([service()], ({ statuses }) => statuses.get('ses_a')?.asks[0]?.id === second);
    expect((await answerTo(second, { kind: 'reject' })).done).toBe(true);
    expect(await server.asked(`POST /api/session/ses_a/permission/${second}/reply`)).toEqual({
      decision: 'reject',
    });
  });

  const fields = [
    {
      key: 'q0',
      type: 'string',
      title: 'Which db?',
      options: [{ value: 'pg', label: 'Postgres' }],
      custom: true,
    },
    {
      key: 'q1',
      type: 'multiselect',
      title: 'Tags',
      options: [
        { value: 'a', label: 'Alpha' },
        { value: 'b', label: 'Beta' },
      ],
    },
    { key: 'q2', type: 'integer', title: 'Count', minimum: 1, maximum: 5 },
    { key: 'q3', type: 'boolean', title: 'Go on?' },
    { key: 'q4', type: 'string', title: 'Name', required: true },
    { key: 'q5', type: 'string', title: 'unseen', hidden: true },
  ];

  it('fill the fields of a form with values, not labels', async () => {
    const id = server.askForm('ses_a', fields);
    const answers = [['Postgres'], ['Alpha', 'Beta'], ['3'], ['No'], ['Ada']];
    expect((await answerTo(id, { kind: 'answers', answers })).done).toBe(true);
    expect(await server.asked(`POST /api/session/ses_a/form/${id}/reply`)).toEqual({
      answer: { q0: 'pg', q1: ['a', 'b'], q2: 3, q3: false, q4: 'Ada' },
    });
  });

  it('that do not fit a form are refused before they are sent', async () => {
    const id = server.askForm('ses_a', fields);
    const given = (count: string) => [['Postgres'], ['Alpha'], [count], ['No'], ['Ada']];
    const texts = [];
    for (const count of ['x', '2.5', '0', '6'])
      texts.push((await answerTo(id, { kind: 'answers', answers: given(count) })).text);
    expect(texts).toEqual([
      'x is no whole number: Count',
      '2.5 is no whole number: Count',
      '0 is less than 1: Count',
      '6 is more than 5: Count',
    ]);
  });

  it('may leave out what the form does not require', async () => {
    const id = server.askForm('ses_a', [
      { key: 'q0', type: 'string', title: 'Name' },
      { key: 'q1', type: 'integer', title: 'Count' },
      { key: 'q2', type: 'string', title: 'Place', required: true },
    ]);
    const none = await answerTo(id, { kind: 'answers', answers: [[], [], []] });
    expect(none.text).toBe('no answer to: Place');
    expect((await answerTo(id, { kind: 'answers', answers: [[], ['2'], ['here']] })).done).toBe(true);
    expect(await server.asked(`POST /api/session/ses_a/form/${id}/reply`)).toEqual({
      answer: { q1: 2, q2: 'here' },
    });
  });

  it('to a form whose fields depend on each other are given in opencode', async () => {
    const id = server.askForm('ses_a', [
      { key: 'q0', type: 'boolean', title: 'Deploy?' },
      { key: 'q1', type: 'string', title: 'Where?', when: [{ key: 'q0', op: 'eq', value: true }] },
    ]);
    const refused = await answerTo(id, { kind: 'answers', answers: [['Yes'], ['box']] });
    expect(refused.text).toBe('otop cannot show this form: answer it in opencode');
  });

  it('dismiss a form; one that otop cannot show is answered in opencode', async () => {
    const id = server.askForm('ses_a', [
      { key: 'd', type: 'external', url: 'https://e.invalid', title: 'Docs' },
    ]);
    const refused = await answerTo(id, { kind: 'answers', answers: [['x']] });
    expect(refused).toEqual({ done: false, text: 'otop cannot show this form: answer it in opencode' });
    expect((await answerTo(id, { kind: 'dismiss' })).done).toBe(true);
    await server.asked(`DELETE /api/session/ses_a/form/${id}`);
  });

  it('say that an ask was settled meanwhile', async () => {
    const id = server.askForm('ses_a', [{ key: 'q0', type: 'string', title: 'Which?' }]);
    const now = await reading([service()], ({ statuses }) => (statuses.get('ses_a')?.asks.length ?? 0) > 0);
    const [ask] = now.statuses.get('ses_a')?.asks ?? [];
    const host = servers.hostOf('ses_a');
    await host?.api.reply('ses_a', '/a', { to: 'form', askId: id, dismissed: true });
    const late = host?.api.reply('ses_a', '/a', { to: 'form', askId: id, dismissed: true });
    await expect(late).rejects.toThrow('it no longer waits for this answer');
    expect(ask?.id).toBe(id);
  });

  it('end a turn', async () => {
    await reading([service()], ({ statuses }) => statuses.has('ses_a'));
    expect(await acts().abort('ses_a')).toEqual({ done: true, text: 'ended the turn in ses_a' });
    await reading([service()], ({ statuses }) => statuses.get('ses_a')?.activity?.kind === 'idle');
  });
});

describe('bad input', () => {
  beforeEach(() => {
    writeNote();
  });

  it('of another program, as HTML or JSON, is no opencode', async () => {
    for (const manner of ['html', 'foreign'] as const) {
      server.manner = manner;
      const { troubles, links } = await reading([service()], (now) => now.troubles.length > 0);
      expect(troubles[0]?.text).toMatch(/another program answers there, not opencode$/);
      expect(links?.get(700)).toMatchObject({ state: 'away' });
      servers.refresh([], Date.now());
    }
  });

  it('that takes its time is awaited', async () => {
    server.manner = 'slow';
    server.begin('ses_a', '/a');
    servers.refresh([service()], Date.now());
    await server.asked('GET /global/health');
    const { links, troubles } = servers.refresh([service()], Date.now());
    expect([links?.get(700), troubles]).toEqual([{ state: 'connecting' }, []]);
    server.release();
    const { statuses } = await reading([service()], (now) => now.statuses.has('ses_a'));
    expect(statuses.get('ses_a')?.activity?.kind).toBe('busy');
    expect(usualLimits.responseMs).toBeGreaterThan(5_000);
  });

  it('never comes from a suspended service: its last state stays, and it is not connected', async () => {
    servers.close();
    servers = open({ ...limits, responseMs: 2_000, silenceMs: 100 });
    server.begin('ses_a', '/a');
    await reading([service()], (now) => now.statuses.has('ses_a'));
    server.manner = 'silent';
    const hung = await reading([service()], (now) => now.links?.get(700)?.state === 'away');
    expect(hung.links?.get(700)).toMatchObject({
      version: '2.0.18',
      api: 'the released API',
      heardAtMs: expect.any(Number),
      why: 'it stopped sending: is the process suspended?',
    });
    expect([hung.statuses.get('ses_a')?.activity?.kind, hung.listedAtMs?.size]).toEqual(['busy', 0]);
  });

  it('of a clock that is an hour ahead moves no report', async () => {
    server.begin('ses_a', '/a');
    await reading([service()], (now) => now.statuses.has('ses_a'));
    const created = Date.now() + 3_600_000;
    const data = { sessionID: 'ses_a', attempt: 1, at: created };
    server.sendRaw(
      `data: ${JSON.stringify({ id: 'evt_2', created, type: 'session.retry.scheduled', data })}\n\n`,
    );
    const { statuses } = await reading(
      [service()],
      (now) => now.statuses.get('ses_a')?.activity?.kind === 'retry',
    );
    expect(statuses.get('ses_a')?.atMs).toBeLessThanOrEqual(Date.now());
  });

  it('of 2,000 sessions costs requests for those at work only', async () => {
    for (let index = 0; index < 2_000; index += 1) server.keep(`ses_rest${index}`, `/rest/${index}`);
    for (let index = 0; index < 5; index += 1) server.begin(`ses_${index}`, index < 3 ? '/a' : '/b');
    await reading([service()], (now) => now.statuses.size === 5);
    const counts = new Map<string, number>();
    for (const { request, authorization } of server.seen) {
      if (authorization === undefined) continue;
      const route = request.replace(/ses_\w+/, 'ID');
      counts.set(route, (counts.get(route) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({
      'GET /global/health': 1,
      'GET /api/info': 1,
      'GET /api/event': 1,
      'GET /api/session/active': 1,
      'GET /api/session/ID': 5,
      'GET /api/permission/request': 2,
      'GET /api/form': 2,
    });
  });

  it('of a session that is deleted while it asks leaves no ask, and a late answer is refused', async () => {
    server.begin('ses_a', '/a');
    server.askPermission('ses_a');
    const { statuses } = await reading(
      [service()],
      (now) => (now.statuses.get('ses_a')?.asks.length ?? 0) > 0,
    );
    const host = servers.hostOf('ses_a');
    const [ask] = statuses.get('ses_a')?.asks ?? [];
    server.delete('ses_a');
    await reading([service()], (now) => !now.statuses.has('ses_a'));
    expect(servers.asks()).toEqual([]);
    const late = host?.api.reply('ses_a', '/a', { to: 'permission', askId: ask?.id ?? '', reply: 'once' });
    await expect(late).rejects.toThrow('it no longer waits for this answer');
    await expect(host?.api.abort('ses_a', '/a')).resolves.toBeUndefined();
  });

  it('of a session that disappears between two requests is left out', async () => {
    server.begin('ses_a', '/a');
    server.begin('ses_gone', '/b');
    server.delete('ses_gone', true);
    const { statuses, troubles } = await reading([service()], (now) => now.statuses.size > 0);
    expect([statuses.get('ses_a')?.activity?.kind, troubles]).toEqual(['busy', []]);
  });

  it('of an unreadable service leaves its version: the note has it', async () => {
    writeNote({ password: 'wrong', version: '2.1.3' });
    const { links } = await reading([service()], (now) => now.links?.get(700)?.state === 'away');
    expect(links?.get(700)).toMatchObject({
      state: 'away',
      version: '2.1.3',
      why: 'it rejects the password',
    });
  });
});
