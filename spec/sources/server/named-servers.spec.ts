import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Row } from '../../../lib/domain/board/board.ts';
import type { HostReading } from '../../../lib/domain/board/readings.ts';
import { NamedServers } from '../../../lib/sources/server/named-servers.ts';
import { RemoteDetails } from '../../../lib/sources/server/remote-details.ts';
import { text } from '../../support/builders.ts';
import { type StandIn, startStandIn } from '../../support/stand-in-server.ts';
import { shortPause, within } from '../../support/wait.ts';

const limits = { responseMs: 60_000, responseBytes: 20_000, eventBytes: 10_000, silenceMs: 60_000 };
let standIns: StandIn[];
let servers: NamedServers | undefined;
let localPorts: Set<number>;

beforeEach(() => {
  standIns = [];
  localPorts = new Set();
});
afterEach(async () => {
  servers?.close();
  for (const standIn of standIns) await standIn.close();
});

async function standIn(): Promise<StandIn> {
  const made = await startStandIn();
  standIns.push(made);
  return made;
}

function name(...those: StandIn[]): void {
  servers = new NamedServers({
    addresses: those.map(({ url }, index) => ({ url, name: text(`box${index + 1}`) })),
    credentials: { headerFor: () => undefined },
    localPorts: () => localPorts,
    lookup: () => ({ contextLimitTokens: 200_000 }),
    viewed: () => ({ bySession: new Map(), baselineMs: 1 }),
    includeIdle: false,
    limits,
    connectionEnv: {
      nowMs: () => Date.now(),
      random: () => 0.5,
      sleep: shortPause,
    },
  });
}

/** Resolves with the first reading of all hosts that passes `test`. */
function reading(test: (now: readonly HostReading[]) => boolean): Promise<readonly HostReading[]> {
  const found = new Promise<readonly HostReading[]>((resolve) => {
    const refresh = () => {
      const now = servers?.refresh(Date.now()) ?? [];
      if (test(now)) resolve(now);
    };
    servers?.listen(refresh);
    refresh();
  });
  return within('such a reading of hosts', found);
}

const words = ({ host, session, state }: Row) =>
  `${host} | ${session?.title} | ${state.name} ${state.detail ?? ''}| ${session?.lastOutput ?? '-'}`;

const message = (id: string, role: string, info: object, ...parts: object[]) => ({
  info: { id, role, sessionID: 'ses_a', ...info },
  parts: parts.map((part, index) => ({
    id: `prt_${id}${index}`,
    messageID: id,
    sessionID: 'ses_a',
    ...part,
  })),
});

/** Gives the server a busy session with its subagent, an old idle session, and an archived one. */
function fill(server: StandIn, beganMs: number): void {
  const session = (id: string, title: string, some: object = {}) => ({
    id,
    title,
    directory: '/srv/app',
    version: '1.18.33',
    model: { id: 'opus', providerID: 'anthropic' },
    cost: 0.5,
    tokens: { input: 10, output: 5, reasoning: 0, cache: { read: 0, write: 0 } },
    time: { created: beganMs, updated: beganMs },
    ...some,
  });
  server.answers.set('/experimental/session', [
    session('ses_a', 'Fix the \x1b[31mbuild'),
    session('ses_sub', 'helper', { parentID: 'ses_a' }),
    session('ses_idle', 'Old', { time: { created: 1, updated: 0 } }),
    session('ses_gone', 'Archived', { time: { created: beganMs, updated: beganMs, archived: beganMs } }),
  ]);
  server.answers.set('/session/status', { ses_a: { type: 'busy' } });
  server.answers.set('/session/ses_a/message', [
    message('msg_1', 'user', { time: { created: beganMs } }, { type: 'text', text: 'go' }),
    message(
      'msg_2',
      'assistant',
      { time: { created: beganMs + 5 }, modelID: 'opus', providerID: 'anthropic' },
      {
        type: 'text',
        text: 'Looking at it.\nThen I run it.\n',
        time: { start: beganMs + 6, end: beganMs + 7 },
      },
      {
        type: 'tool',
        tool: 'bash',
        callID: 'c1',
        state: { status: 'running', input: { command: 'make' }, metadata: {}, time: { start: beganMs + 8 } },
      },
    ),
  ]);
  server.answers.set('/session/ses_a/todo', [{ status: 'completed' }, { status: 'pending' }]);
  for (const id of ['ses_sub', 'ses_idle', 'ses_gone']) {
    server.answers.set(`/session/${id}/message`, []);
    server.answers.set(`/session/${id}/todo`, []);
  }
}

describe('a named server', () => {
  it('has a row for each working session, with its content', async () => {
    const server = await standIn();
    fill(server, Date.now() - 5000);
    name(server);
    const [now] = await reading(([first]) => (first?.rows.length ?? 0) > 0);
    expect(now?.host).toMatchObject({ name: 'box1', kind: 'server', link: 'live' });
    expect(now?.rows.map(words)).toEqual(['box1 | Fix the build | tool use make| Then I run it.']);
    const [row] = now?.rows ?? [];
    expect(row).toMatchObject({
      key: 'box1 ses_a',
      serverUrl: server.url,
      session: { todos: { done: 1, total: 2 }, directoryPath: '/srv/app', lastPrompt: { text: 'go' } },
      children: [{ session: { id: 'ses_sub' }, state: { name: 'idle' } }],
    });
  });

  it('shows the model and agent of the newest answer if the session has none (1.2 to 1.14)', async () => {
    const server = await standIn();
    const beganMs = Date.now() - 5000;
    fill(server, beganMs);
    server.answers.set('/experimental/session', [
      {
        id: 'ses_a',
        title: 'Old',
        directory: '/srv/app',
        version: '1.14.41',
        time: { created: 1, updated: beganMs },
      },
    ]);
    server.answers.set('/session/ses_a/message', [
      message('msg_1', 'user', { time: { created: beganMs } }, { type: 'text', text: 'go' }),
      message('msg_2', 'assistant', {
        time: { created: beganMs + 5 },
        modelID: 'opus',
        providerID: 'anthropic',
        mode: 'build',
      }),
    ]);
    name(server);
    const [now] = await reading(([first]) => (first?.rows.length ?? 0) > 0);
    expect(now?.rows[0]?.session).toMatchObject({
      model: { providerId: 'anthropic', modelId: 'opus' },
      agent: 'build',
    });
  });

  it('updates its rows by events: asks, new parts, the end of a turn', async () => {
    const server = await standIn();
    fill(server, Date.now() - 5000);
    name(server);
    await reading(([first]) => (first?.rows.length ?? 0) > 0);
    server.sendEvent('/srv/app', 'permission.asked', {
      id: 'per_1',
      sessionID: 'ses_a',
      permission: 'bash',
      patterns: ['rm -r x'],
    });
    const [asking] = await reading(([first]) => first?.rows[0]?.state.name === 'asking');
    expect(asking?.rows[0]?.state).toMatchObject({ tool: 'bash', detail: 'rm -r x', needsYou: true });
    server.sendEvent('/srv/app', 'permission.replied', { sessionID: 'ses_a', requestID: 'per_1' });
    const endedMs = Date.now();
    server.sendEvent('/srv/app', 'message.part.updated', {
      part: { id: 'prt_z', messageID: 'msg_2', sessionID: 'ses_a', type: 'text', text: 'All done.' },
      time: endedMs,
    });
    server.sendEvent('/srv/app', 'message.updated', {
      info: {
        id: 'msg_2',
        sessionID: 'ses_a',
        role: 'assistant',
        finish: 'stop',
        time: { created: endedMs - 4000, completed: endedMs },
      },
    });
    server.sendEvent('/srv/app', 'session.idle', { sessionID: 'ses_a' });
    const [done] = await reading(([first]) => first?.rows[0]?.state.name === 'idle');
    expect(done?.rows[0]?.state.unread).toBe(true);
    expect(done?.rows.map(words)).toEqual(['box1 | Fix the build | idle | All done.']);
  });

  it('gets requests only for messages of working or changed sessions after its stream was cut', async () => {
    const server = await standIn();
    fill(server, Date.now() - 5000);
    name(server);
    await reading(([first]) => (first?.rows.length ?? 0) > 0);
    const known = server.seen.length;
    server.cut();
    await server.streams(2);
    await reading(([first]) => first?.host.link === 'live');
    const asked = server.seen.slice(known).filter(({ path }) => path.endsWith('/message'));
    expect(asked.map(({ path }) => path)).toEqual(['/session/ses_a/message']);
  });

  it('shows no unfinished turn as working after a restart', async () => {
    const server = await standIn();
    fill(server, Date.now() - 5000);
    server.answers.set('/session/status', {});
    name(server);
    const [now] = await reading(([first]) => first?.host.link === 'live');
    expect(now?.rows.filter(({ state }) => state.name === 'tool use')).toEqual([]);
  });

  it('keeps its last rows while it is away, and gives the reason', async () => {
    const server = await standIn();
    fill(server, Date.now() - 5000);
    name(server);
    await reading(([first]) => (first?.rows.length ?? 0) > 0);
    server.manner = 'html';
    server.cut();
    const [away] = await reading(([first]) => first?.host.link === 'away');
    expect(away?.rows).toHaveLength(1);
    await reading(([first]) => first?.host.why === 'another program answers there, not opencode');
    const [now] = servers?.refresh(Date.now()) ?? [];
    expect(now?.troubles).toEqual([
      { source: 'server', text: 'box1: another program answers there, not opencode' },
    ]);
    expect(now?.host.heardAtMs).toBeGreaterThan(0);
  });

  it('does not wait for another server that hangs', async () => {
    const hung = await standIn();
    hung.manner = 'silent';
    const server = await standIn();
    fill(server, Date.now() - 5000);
    name(hung, server);
    const now = await reading((all) => (all[1]?.rows.length ?? 0) > 0);
    expect(now.map(({ host }) => host.link)).toEqual(['connecting', 'live']);
  });

  it('is skipped if a process of this machine listens at its port', async () => {
    const server = await standIn();
    fill(server, Date.now() - 5000);
    name(server);
    await reading(([first]) => (first?.rows.length ?? 0) > 0);
    localPorts.add(server.port);
    expect(servers?.refresh(Date.now())).toEqual([]);
  });

  it('has its times converted to our clock if its clock is an hour ahead', async () => {
    const hourMs = 3_600_000;
    const server = await standIn();
    const beganMs = Date.now() - 5000;
    fill(server, beganMs + hourMs);
    name(server);
    server.clockAheadMs = hourMs;
    const [now] = await reading(([first]) => first?.rows[0]?.state.name === 'tool use');
    const sinceMs = now?.rows[0]?.state.sinceMs ?? 0;
    expect(Math.abs(sinceMs - (beganMs + 8))).toBeLessThan(2000);
    expect(Math.abs((now?.rows[0]?.session?.lastPrompt?.createdAtMs ?? 0) - beganMs)).toBeLessThan(2000);
  });

  it('still shows a session whose messages are too long to read', async () => {
    const server = await standIn();
    fill(server, Date.now() - 5000);
    server.answers.set('/session/ses_a/message', ['x'.repeat(30_000)]);
    name(server);
    const [now] = await reading(([first]) => (first?.rows.length ?? 0) > 0);
    expect(now?.rows.map(words)).toEqual(['box1 | Fix the build | thinking waiting for the first token| -']);
  });

  it('reads the conversation and todos of a session whose detail log is open, and again after a change', async () => {
    const server = await standIn();
    fill(server, Date.now() - 5000);
    server.answers.set('/session/ses_a/todo', [
      { content: 'write \x1b[1mit', status: 'pending', priority: 'high' },
    ]);
    name(server);
    await reading(([first]) => (first?.rows.length ?? 0) > 0);
    let wake: () => void = () => undefined;
    const read = () =>
      within(
        'a read conversation',
        new Promise<void>((resolve) => {
          wake = resolve;
        }),
      );
    const details = new RemoteDetails(
      (id) => servers?.apiOf(id),
      () => wake(),
    );
    const first = read();
    expect(details.open('ses_a', 'one')).toBeUndefined();
    await first;
    expect(details.open('ses_a', 'one')).toEqual({
      sessionId: 'ses_a',
      messageCount: 2,
      todos: [{ content: 'write it', status: 'pending', priority: 'high' }],
    });
    expect(details.messages('ses_a', 1, 5)).toMatchObject([
      {
        role: 'assistant',
        lines: ['Looking at it.', 'Then I run it.'],
        tools: [{ tool: 'bash', subject: 'make' }],
      },
    ]);
    const before = details.revision('ses_a');
    const second = read();
    server.answers.set('/session/ses_a/todo', []);
    expect(details.open('ses_a', 'two')?.todos).toHaveLength(1);
    await second;
    expect(details.open('ses_a', 'two')?.todos).toEqual([]);
    expect(details.revision('ses_a')).not.toBe(before);
    expect(details.open('ses_nowhere', 'one')).toBeUndefined();
  });
});
