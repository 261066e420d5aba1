import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostReading } from '../../../lib/domain/board/readings.ts';
import { NamedServers } from '../../../lib/sources/server/named-servers.ts';
import { RemoteDetails } from '../../../lib/sources/server/remote-details.ts';
import { text } from '../../support/builders.ts';
import { ReleasedServer } from '../../support/released-server.ts';
import { basic } from '../../support/stand-in-server.ts';
import { shortPause, within } from '../../support/wait.ts';

const limits = { responseMs: 60_000, responseBytes: 2 ** 20, eventBytes: 10_000, silenceMs: 60_000 };
let server: ReleasedServer;
let servers: NamedServers;

beforeEach(async () => {
  server = await new ReleasedServer().start();
  servers = new NamedServers({
    addresses: [{ url: server.url, name: text('box') }],
    credentials: { headerFor: () => basic('secret') },
    localPorts: () => new Set(),
    lookup: () => ({ contextLimitTokens: 200_000 }),
    viewed: () => ({ bySession: new Map(), baselineMs: 1 }),
    includeIdle: false,
    limits,
    connectionEnv: { nowMs: () => Date.now(), random: () => 0.5, sleep: shortPause },
  });
});

afterEach(async () => {
  servers.close();
  await server.close();
});

function reading(test: (now: HostReading | undefined) => boolean): Promise<HostReading | undefined> {
  const found = new Promise<HostReading | undefined>((resolve) => {
    const refresh = () => {
      const [now] = servers.refresh(Date.now());
      if (test(now)) resolve(now);
    };
    servers.listen(refresh);
    refresh();
  });
  return within('such a reading of the server', found);
}

/** The rows as `state detail | last prompt | last output`. */
const rows = (now: HostReading | undefined) =>
  (now?.rows ?? []).map(
    ({ state, session }) =>
      `${state.name} ${state.detail ?? ''}| ${session?.lastPrompt?.text} | ${session?.lastOutput ?? '-'}`,
  );

const at = Date.now() - 10_000;
const user = { id: 'msg_b', type: 'user', time: { created: at }, text: 'Go', files: [] };
const answer = (content: readonly object[], some: object = {}) => ({
  id: 'msg_a',
  type: 'assistant',
  time: { created: at + 1 },
  agent: 'build',
  model: { id: 'opus', providerID: 'anthropic' },
  content,
  ...some,
});
const running = {
  type: 'tool',
  id: 'call_1',
  name: 'shell',
  state: { status: 'running', input: { command: 'make' }, metadata: {} },
  time: { created: at + 2, ran: at + 3 },
};

describe('a released opencode 2 on another machine', () => {
  it('shows its sessions at work with their messages, and follows them', async () => {
    server.begin('ses_a', '/srv');
    server.messages.set('ses_a', [user, answer([{ type: 'text', text: 'I build.' }, running])]);
    const first = await reading((now) => rows(now).some((row) => row.startsWith('tool use')));
    expect(rows(first)).toEqual(['tool use make| Go | I build.']);
    server.messages.set('ses_a', [user, answer([{ type: 'text', text: 'I build.\nDone.' }])]);
    server.send('session.tool.success', { sessionID: 'ses_a', id: 'call_1' }, '/srv');
    const second = await reading((now) => rows(now).some((row) => row.endsWith('Done.')));
    expect(rows(second)).toEqual(['generating | Go | Done.']);
  });

  it('shows the conversation of an open session', async () => {
    server.begin('ses_a', '/srv');
    const tokens = { input: 1, output: 2, reasoning: 0, cache: { read: 0, write: 0 } };
    server.messages.set('ses_a', [
      user,
      answer([{ type: 'text', text: 'Yes.' }], { tokens, finish: 'stop' }),
    ]);
    await reading((now) => rows(now).length > 0);
    const details = await within(
      'the conversation',
      new Promise<RemoteDetails>((resolve) => {
        const made = new RemoteDetails(
          (id) => servers.apiOf(id),
          () => resolve(made),
        );
        made.open('ses_a', '1');
      }),
    );
    const shown = details
      .messages('ses_a', 0, 9)
      .map(({ role, lines, tokens: used }) => [role, lines, used?.output]);
    expect(shown).toEqual([
      ['user', ['Go'], undefined],
      ['assistant', ['Yes.'], 2],
    ]);
  });
});
