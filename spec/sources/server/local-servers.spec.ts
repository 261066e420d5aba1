import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReportReading } from '../../../lib/domain/board/readings.ts';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import { serverActs } from '../../../lib/sources/server/acts.ts';
import { LocalServers } from '../../../lib/sources/server/local-servers.ts';
import { serverPasswords } from '../../../lib/sources/server/server-passwords.ts';
import { process } from '../../support/builders.ts';
import { firstReading } from '../../support/first-reading.ts';
import { basic, type StandIn, startStandIn } from '../../support/stand-in-server.ts';
import { shortPause } from '../../support/wait.ts';

const limits = { responseMs: 60_000, responseBytes: 20_000, eventBytes: 10_000, silenceMs: 60_000 };
let standIn: StandIn;
let servers: LocalServers;
let home: string;

beforeEach(async () => {
  standIn = await startStandIn();
  home = mkdtempSync(join(tmpdir(), 'otop-server-home-'));
  servers = new LocalServers({
    credentials: { headerFor: () => undefined },
    passwords: serverPasswords({ env: {}, homeDir: home, userId: undefined, environmentOf: () => undefined }),
    limits,
    connectionEnv: {
      nowMs: () => Date.now(),
      random: () => 0.5,
      sleep: shortPause,
    },
  });
});
afterEach(async () => {
  servers.close();
  await standIn.close();
  rmSync(home, { recursive: true, force: true });
});

const serve = (some: Partial<OpencodeProcess> = {}) =>
  process({ pid: 700, kind: 'serve', args: ['serve'], ports: [standIn.port], startedAtMs: 1000, ...some });

const reading = (processes: readonly OpencodeProcess[], test: (now: ReportReading) => boolean) =>
  firstReading(servers, processes, test);

const evidenceLines = ({ evidence }: ReportReading) =>
  evidence.map(({ pid, sessionId, confidence, why }) => `${pid} ${sessionId} ${confidence}: ${why}`);

function hostBusySession(): void {
  standIn.answers.set('/experimental/session', [{ id: 'ses_a', directory: '/a', time: { updated: 2000 } }]);
  standIn.answers.set('/session/status', { ses_a: { type: 'busy' } });
}

describe('a server of this machine', () => {
  it('gives certain evidence for busy sessions and likely evidence for idle ones', async () => {
    hostBusySession();
    const busy = await reading([serve()], ({ evidence }) => evidence.length > 0);
    expect(evidenceLines(busy)).toEqual([
      expect.stringMatching(/^700 ses_a certain: its own server says that it is busy, as of [\d:.]+$/),
    ]);
    expect(busy.statuses.get('ses_a')).toMatchObject({
      source: 'server',
      activity: { kind: 'busy' },
      asks: [],
    });
    standIn.sendEvent('/a', 'session.idle', { sessionID: 'ses_a' });
    const idle = await reading([serve()], ({ statuses }) => statuses.get('ses_a')?.activity?.kind === 'idle');
    expect(idle.evidence).toMatchObject([{ kind: 'server', confidence: 'likely' }]);
  });

  it('gives no evidence for an idle session of a TUI, which may show another one by now', async () => {
    hostBusySession();
    const tui = serve({ kind: 'tui', args: ['--port', String(standIn.port)] });
    await reading([tui], ({ evidence }) => evidence[0]?.confidence === 'certain');
    standIn.sendEvent('/a', 'session.idle', { sessionID: 'ses_a' });
    await reading([tui], ({ evidence }) => evidence.length === 0);
  });

  it('is found at the port of --port, among other ports of the process', async () => {
    const other = await startStandIn();
    other.manner = 'html';
    hostBusySession();
    const ports = [other.port, standIn.port].sort((one, another) => one - another);
    await reading([serve({ ports })], ({ evidence }) => evidence.length > 0);
    await other.close();
  });

  it('gets no request if the process has no port, or shows the sessions of another process', async () => {
    servers.refresh(
      [serve({ ports: [] }), serve({ pid: 701, kind: 'attach' }), serve({ pid: 702, kind: 'run' })],
      Date.now(),
    );
    expect(servers.settled()).toBeUndefined();
    expect(standIn.seen).toEqual([]);
  });

  it('becomes a trouble if it does not respond as opencode', async () => {
    standIn.manner = 'html';
    const { troubles, evidence } = await reading([serve()], (now) => now.troubles.length > 0);
    expect(troubles).toEqual([
      {
        source: 'server',
        text: `opencode serve (pid 700, port ${standIn.port}): another program answers there, not opencode`,
      },
    ]);
    expect(evidence).toEqual([]);
  });

  it('is dropped when its process ends', async () => {
    hostBusySession();
    await reading([serve()], ({ evidence }) => evidence.length > 0);
    expect(servers.refresh([], Date.now())).toEqual({
      evidence: [],
      statuses: new Map(),
      listedAtMs: new Map(),
      links: new Map(),
      notes: new Map(),
      troubles: [],
    });
  });

  it('does not delay other servers if it hangs', async () => {
    hostBusySession();
    const hung = await startStandIn();
    hung.manner = 'silent';
    const both = [serve({ pid: 701, ports: [hung.port] }), serve()];
    const { evidence, troubles } = await reading(both, (now) => now.evidence.length > 0);
    expect(evidence).toMatchObject([{ pid: 700 }]);
    expect(troubles).toEqual([]);
    await hung.close();
  });

  it('does not get the password of a service with another pid', async () => {
    const folder = join(home, '.local/state/opencode');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'service.json'), JSON.stringify({ pid: 1, password: 'noted' }), {
      mode: 0o600,
    });
    await reading([serve({ args: ['serve', '--service'] })], (now) => now.statuses.size === 0);
    await servers.settled();
    expect(standIn.seen.map(({ authorization }) => authorization)).not.toContain(basic('noted'));
  });
});

describe('an answer to an ask', () => {
  const permission = { id: 'per_1', sessionID: 'ses_a', permission: 'bash', patterns: ['npm test'] };
  const question = {
    id: 'que_1',
    sessionID: 'ses_a',
    questions: [{ question: 'Which db?', header: 'db', options: [{ label: 'pg' }, { label: 'sqlite' }] }],
  };

  async function asking(request: 'permission.asked' | 'question.asked', properties: object) {
    hostBusySession();
    await reading([serve()], ({ evidence }) => evidence.length > 0);
    standIn.sendEvent('/a', request, properties);
    const { statuses } = await reading([serve()], (now) => (now.statuses.get('ses_a')?.asks.length ?? 0) > 0);
    const ask = statuses.get('ses_a')?.asks[0];
    if (ask === undefined) throw new Error('no ask');
    const acts = serverActs(
      (id) => servers.hostOf(id),
      () => servers.asks(),
    );
    return { ask, acts };
  }

  it('goes to the server that hosts the session, for its directory', async () => {
    standIn.answers.set('POST /permission/per_1/reply', true);
    const { ask, acts } = await asking('permission.asked', permission);
    expect(acts.reaches('ses_a')).toBe(true);
    expect(acts.asks()).toEqual([{ sessionId: 'ses_a', ask }]);
    expect(await acts.answer('ses_a', ask, { kind: 'allow once' })).toEqual({
      done: true,
      text: 'allowed once: bash npm test in ses_a',
    });
    expect(standIn.seen.at(-1)).toMatchObject({
      method: 'POST',
      path: '/permission/per_1/reply',
      directory: '/a',
      body: { reply: 'once' },
    });
  });

  it('allows always only if the user typed the word', async () => {
    standIn.answers.set('POST /permission/per_1/reply', true);
    const { ask, acts } = await asking('permission.asked', permission);
    const before = standIn.seen.length;
    const refused = await acts.answer('ses_a', ask, { kind: 'always', typed: 'y' });
    expect(refused).toEqual({ done: false, text: 'to allow it from now on, type the word always' });
    expect(standIn.seen.length).toBe(before);
    expect((await acts.answer('ses_a', ask, { kind: 'always', typed: 'always' })).done).toBe(true);
    expect(standIn.seen.at(-1)?.body).toEqual({ reply: 'always' });
  });

  it('sends the options of a question, or dismisses the question', async () => {
    standIn.answers.set('POST /question/que_1/reply', true);
    standIn.answers.set('POST /question/que_1/reject', true);
    const { ask, acts } = await asking('question.asked', question);
    const answered = await acts.answer('ses_a', ask, { kind: 'answers', answers: [['sqlite']] });
    expect(answered).toEqual({ done: true, text: 'answered sqlite: Which db? in ses_a' });
    expect(standIn.seen.at(-1)).toMatchObject({ directory: '/a', body: { answers: [['sqlite']] } });
    expect((await acts.answer('ses_a', ask, { kind: 'dismiss' })).done).toBe(true);
    expect(standIn.seen.at(-1)?.path).toBe('/question/que_1/reject');
  });

  it('is not sent if somebody else has already answered', async () => {
    const { ask, acts } = await asking('permission.asked', permission);
    standIn.sendEvent('/a', 'permission.replied', { sessionID: 'ses_a', requestID: 'per_1', reply: 'once' });
    await reading([serve()], ({ statuses }) => statuses.get('ses_a')?.asks.length === 0);
    const before = standIn.seen.length;
    expect(await acts.answer('ses_a', ask, { kind: 'reject' })).toEqual({
      done: false,
      text: 'ses_a no longer waits for this answer',
    });
    expect(standIn.seen.length).toBe(before);
  });

  it('reports a failure if the server refuses it or no server hosts the session', async () => {
    const { ask, acts } = await asking('permission.asked', permission);
    standIn.refused.add('/a');
    const late = await acts.answer('ses_a', ask, { kind: 'reject' });
    expect(late).toMatchObject({ done: false, text: expect.stringContaining('this could not be done') });
    expect(await acts.answer('ses_none', ask, { kind: 'reject' })).toEqual({
      done: false,
      text: 'no server that hosts ses_none can be reached',
    });
  });

  it('can abort the turn', async () => {
    standIn.answers.set('POST /session/ses_a/abort', true);
    const { acts } = await asking('permission.asked', permission);
    expect(await acts.abort('ses_a')).toEqual({ done: true, text: 'ended the turn in ses_a' });
    expect(standIn.seen.at(-1)).toMatchObject({ path: '/session/ses_a/abort', directory: '/a' });
  });
});
