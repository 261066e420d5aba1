import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateNames } from '../../lib/domain/session/state.ts';
import { Monitor } from '../../lib/monitor/monitor.ts';
import { createLogSource } from '../../lib/sources/log/log-source.ts';
import { OpencodeConfig } from '../../lib/sources/opencode/configuration.ts';
import { ModelCatalog } from '../../lib/sources/opencode/models.ts';
import { usualLimits } from '../../lib/sources/server/bounded-fetch.ts';
import { systemEnv } from '../../lib/sources/server/connection.ts';
import { NamedServers } from '../../lib/sources/server/named-servers.ts';
import { text } from './builders.ts';
import { hostileBundles } from './hostile-texts.ts';
import { hostsUnderTest } from './hosts.ts';
import { sourceIn } from './session-source.ts';
import { type StandIn, startStandIn } from './stand-in-server.ts';
import { eventOf, within } from './wait.ts';

/** Another machine's otop, an opencode server, and two hosts that refuse; all of them send only hostile texts. */
export interface HostileAnswers {
  readonly monitor: Monitor;
  readonly servers: NamedServers;
  close(): Promise<void>;
}

/** Connects to all of them; resolves when all their data has arrived. */
export async function hostileAnswers(): Promise<HostileAnswers> {
  const folder = mkdtempSync(join(tmpdir(), 'otop-answers-'));
  const standIn = await startStandIn();
  fillServer(standIn, Date.now() - 5000);
  const refusing = await refusingServe();
  const others = hostsUnderTest();
  others.file('lines', `${feedLines(Date.now()).join('\n')}\n`);
  others.script('box', `cat lines; exec sleep 600`);
  others.file('complaint', hostileBundles[3] ?? '');
  others.script('rude', `cat complaint >&2; exit 1`);
  const hosts = others.open(['box', 'rude'], {
    serves: [{ url: refusing.url, name: text('closed') }],
  });
  const servers = new NamedServers({
    addresses: [{ url: standIn.url, name: text('srv') }],
    credentials: { headerFor: () => undefined },
    localPorts: () => new Set(),
    lookup: () => ({}),
    viewed: () => ({ bySession: new Map(), baselineMs: 1 }),
    includeIdle: true,
    limits: { ...usualLimits, responseBytes: 2 ** 24 },
    connectionEnv: systemEnv,
  });
  const sessions = sourceIn(folder, { monotonicMs: () => performance.now() });
  const origin = { env: {}, homeDir: folder };
  const log = createLogSource();
  const monitor = new Monitor(
    {
      processes: {
        sample: async (_look, atMs) => ({ atMs, processes: [], troubles: [] }),
        close: () => undefined,
      },
      log,
      sessions,
      live: [],
      hosts: [hosts, servers],
      models: new ModelCatalog(origin, new OpencodeConfig(origin)),
      tokenSamples: () => new Map(),
      viewed: () => ({ bySession: new Map(), baselineMs: 1 }),
      close: () => undefined,
    },
    { includeIdle: true, includeTools: true, host: text('here'), machineId: () => 'here', demo: false },
  );
  const isComplete = () => {
    const rows = monitor.board(Date.now()).rows.length;
    return rows >= hostileBundles.length * 2 && monitor.board(Date.now()).troubles.length >= 2;
  };
  const complete = new Promise<void>((resolve) => {
    const refresh = () => {
      void monitor.refresh({ live: true }, Date.now);
      if (isComplete()) resolve();
    };
    monitor.listenLive(refresh);
    refresh();
  });
  await within('all hostile answers', complete);
  return {
    monitor,
    servers,
    async close() {
      servers.close();
      for (const each of [hosts, sessions, log, others]) each.close();
      refusing.close();
      await standIn.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Adds two sessions for each text, with the text in every field; the id of the second one is the text itself. */
function fillServer(server: StandIn, beganMs: number): void {
  const session = (id: string, hostile: string) => ({
    id,
    title: hostile,
    slug: hostile,
    directory: '/srv/app',
    version: hostile,
    agent: hostile,
    model: { id: hostile, providerID: hostile },
    time: { created: beganMs, updated: beganMs },
  });
  const names = hostileBundles.map((hostile, number) => [`ses_h${number}`, hostile] as const);
  server.answers.set('/experimental/session', [
    ...names.map(([id, hostile]) => session(id, hostile)),
    ...hostileBundles.map((hostile) => session(hostile, hostile)),
  ]);
  const statuses = names.map(([id, hostile], number) => [
    id,
    number % 3 === 0 ? { type: 'retry', attempt: 2, message: hostile, next: beganMs } : { type: 'busy' },
  ]);
  const strangers = hostileBundles.map((hostile) => [hostile, { type: 'busy' }]);
  server.answers.set('/session/status', Object.fromEntries([...statuses, ...strangers]));
  const asks = names.filter((_each, number) => number % 3 === 1);
  server.answers.set('/permission', [
    ...asks.map(([id, hostile]) => permission(`per_${id}`, id, hostile)),
    ...asks.map(([id, hostile]) => permission(hostile, id, hostile)),
    ...asks.map(([id, hostile]) => permission(`per_x${id}`, hostile, hostile)),
  ]);
  server.answers.set(
    '/question',
    names
      .filter((_each, number) => number % 3 === 2)
      .map(([id, hostile]) => ({
        id: `que_${id}`,
        sessionID: id,
        questions: [
          { question: hostile, header: hostile, options: [{ label: hostile, description: hostile }] },
        ],
      })),
  );
  for (const [id, hostile] of names) {
    server.answers.set(`/session/${id}/message`, conversation(id, hostile, beganMs));
    server.answers.set(`/session/${id}/todo`, [
      { content: hostile, status: hostile, priority: hostile },
      { content: hostile, status: 'completed' },
    ]);
  }
}

function permission(id: string, sessionID: string, hostile: string) {
  return {
    id,
    sessionID,
    permission: hostile,
    patterns: [hostile, hostile],
    always: [hostile],
    metadata: { command: hostile },
  };
}

function conversation(sessionID: string, hostile: string, beganMs: number) {
  const part = (number: number, some: object) => ({
    id: `prt_${number}`,
    messageID: 'msg_2',
    sessionID,
    ...some,
  });
  const time = { start: beganMs + 6, end: beganMs + 7 };
  return [
    {
      info: { id: 'msg_1', role: 'user', sessionID, time: { created: beganMs }, agent: hostile },
      parts: [part(0, { type: 'text', text: hostile })],
    },
    {
      info: {
        id: 'msg_2',
        role: 'assistant',
        sessionID,
        time: { created: beganMs + 5 },
        modelID: hostile,
        providerID: hostile,
        finish: hostile,
        error: { name: hostile, data: { message: hostile } },
      },
      parts: [
        part(1, { type: 'text', text: `# ${hostile}\n${hostile}`, time }),
        part(2, { type: 'reasoning', text: hostile, time }),
        part(3, {
          type: 'tool',
          tool: hostile,
          callID: hostile,
          state: { status: 'error', input: { command: hostile }, error: hostile, title: hostile, time },
        }),
        part(4, { type: hostile, text: hostile }),
      ],
    },
  ];
}

/** Returns hostile output of `otop sessions --watch`. */
function feedLines(atMs: number): string[] {
  const begin = { type: 'board', schema_version: 1, host: 'box', at_ms: atMs, rows: [] };
  const rows = hostileBundles.flatMap((hostile, number) => [
    entry(`${number} ${hostile}`, `ses_r${number}`, hostile, number),
    entry(`stranger ${number}`, hostile, hostile, number),
  ]);
  const changed = rows.map((row) => ({ type: 'changed', at_ms: atMs, row }));
  const strange = hostileBundles
    .slice(0, 20)
    .map((hostile) => ({ type: hostile, at_ms: atMs, key: hostile }));
  return [...[begin, ...changed, ...strange].map((line) => JSON.stringify(line)), 'a login message\x1b[2J'];
}

function entry(key: string, id: string, hostile: string, number: number) {
  const [status, kind] = [stateNames[number % stateNames.length], number % 2 === 0 ? 'tui' : 'serve'];
  const state = {
    status,
    asking_for: 'permission',
    needs_you: true,
    tool: hostile,
    detail: hostile,
    raised_from: hostile,
    status_rule: hostile,
  };
  return {
    key,
    host: 'box',
    pid: 100 + number,
    tty: hostile,
    cwd: hostile,
    kind,
    status,
    tmux_pane: hostile,
    tmux: { socket: hostile, pane_id: hostile, window: hostile, in_front: false },
    match: { evidence: 'log', confidence: 'certain', why: hostile },
    session: {
      id,
      title: hostile,
      directory: hostile,
      model: `${hostile}/${hostile}`,
      agent: hostile,
      parent_id: hostile,
      version: hostile,
      last_prompt: hostile,
      last_output: hostile,
      interactive: true,
      ...state,
      children: [
        { id: `${id}c`, title: hostile, agent: hostile, depth: 1, ...state },
        { id: hostile, title: hostile, depth: 1, ...state },
      ],
    },
  };
}

/** Starts an `otop serve` that refuses every request with a hostile text. */
async function refusingServe() {
  const server = createServer((_request, response) => {
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: `no \x1b]52;c;AAAA\x07 \u202e${'x'.repeat(200)}` }));
  });
  await eventOf(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
