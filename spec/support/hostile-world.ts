import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Monitor } from '../../lib/monitor/monitor.ts';
import { createLogSource } from '../../lib/sources/log/log-source.ts';
import { MarkerSource } from '../../lib/sources/marker/marker-source.ts';
import { OpencodeConfig, readMcpServers } from '../../lib/sources/opencode/configuration.ts';
import { ModelCatalog } from '../../lib/sources/opencode/models.ts';
import { SessionDetails } from '../../lib/sources/opencode/session-detail.ts';
import type { Run } from '../../lib/system/run-program.ts';
import { linuxWorld } from '../sources/process/fake-proc.ts';
import { startMs } from '../sources/process/world.ts';
import { text } from './builders.ts';
import { hostileBundles } from './hostile-texts.ts';
import { OpencodeDatabase } from './opencode-database.ts';
import { engine, sourceIn } from './session-source.ts';
import type { SessionWriter } from './session-writer.ts';
import { eventOf } from './wait.ts';

/** Removes what a path or an argument cannot contain. */
const inPath = (raw: string) => raw.replaceAll('\0', '').slice(0, 1000) || 'empty';
const inArgument = (raw: string) => raw.replaceAll('\0', '');

const roles = ['permission', 'question', 'retry', 'error', 'tool', 'stream', 'done'] as const;

/**
 * Writes one session for a hostile text, with the text in every column and field that can contain foreign text. The
 * sessions take turns in the states that display different fields.
 */
function writeSession(db: OpencodeDatabase, hostile: string, number: number): string {
  const role = roles[number % roles.length];
  const session = db.session({
    atMs: startMs - 600_000 + number,
    title: hostile,
    directory: `/srv/${hostile}`,
    agent: hostile,
    model: { providerID: hostile, modelID: hostile },
  });
  db.session({ atMs: startMs, id: `ses_${hostile}`, title: hostile, parentId: session.id });
  session.set({
    slug: hostile,
    version: hostile,
    share_url: hostile,
    metadata: JSON.stringify({ a: hostile }),
  });
  session.turn(hostile, hostile);
  session.prompt(`${hostile}\n${hostile}`).after(5).step({ agent: hostile });
  session.part({ type: 'step-start' });
  session.tool(hostile, { command: hostile, filePath: hostile, description: hostile, pattern: hostile });
  session.toolOutput(hostile).toolDone(hostile);
  session.tool('bash', { command: hostile, description: hostile }).toolFails(hostile);
  session.todos([
    { content: hostile, status: 'in_progress' },
    { content: hostile, status: hostile as 'pending' },
  ]);
  session.part({ type: hostile, text: hostile, tool: hostile });
  session.part({
    type: 'text',
    text: `# ${hostile}\n\`\`\`${hostile}\n${hostile}\n\`\`\`\n- **${hostile}**`,
    time: { start: 1, end: 2 },
  });
  finish(session, role ?? 'done', hostile);
  return session.id;
}

function finish(session: SessionWriter, role: (typeof roles)[number], hostile: string): void {
  switch (role) {
    case 'question':
      session.question(hostile);
      break;
    case 'error':
      session.fail(hostile, hostile);
      break;
    case 'permission':
    case 'tool':
      session.tool(
        'bash',
        { command: hostile, description: hostile },
        { output: hostile, description: hostile },
      );
      break;
    case 'retry':
      session
        .subagent(hostile, { agent: hostile })
        .prompt(hostile)
        .step()
        .tool(hostile, { command: hostile });
      break;
    case 'stream':
      session.stream();
      break;
    case 'done':
      session.stream().closes(hostile).finish(hostile);
      break;
  }
}

/** Returns log lines of a process of 1.18, with the text in every field that can contain foreign text. */
function logOf(hostile: string, run: string, sessionId: string): string {
  const quoted = JSON.stringify(hostile);
  const line = (rest: string) =>
    `timestamp=${new Date(startMs).toISOString()} level=INFO run=${run} ${rest}\n`;
  return [
    line(
      `message=created id=${sessionId} slug=${quoted} directory=${quoted} title=${quoted} parentID=undefined`,
    ),
    line(`message=${quoted} session.id=${quoted}`),
    line(`message=loop session.id=${sessionId} step=0`),
    line(
      `message=asking id=per_2039d8419001 permission=${quoted} patterns=${JSON.stringify(JSON.stringify([hostile]))}`,
    ),
    line(`message="stream error" providerID=${quoted} session.id=${sessionId} error.error=${quoted}`),
    `${hostile}\n`,
    line(`message=loop session.id=${sessionId} step=1`),
  ].join('');
}

/** A machine on which everything that otop reads contains hostile texts. */
export interface HostileWorld {
  readonly folder: string;
  readonly nowMs: number;
  readonly monitor: Monitor;
  readonly details: SessionDetails;
  readonly databasePath: string;
  mcpServers(directory: string | undefined): ReturnType<typeof readMcpServers>['servers'];
  close(): void;
}

/** Creates a machine with hostile texts in its database, processes, logs, tmux server, markers and configuration. */
export async function hostileWorld(): Promise<HostileWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'otop-hostile-'));
  const data = join(folder, '.local/share/opencode');
  mkdirSync(join(data, 'log'), { recursive: true });
  const db = new OpencodeDatabase(join(data, 'opencode.db'));
  db.transaction = (write) => write();
  db.run('begin');
  const ids = hostileBundles.map((hostile, number) => writeSession(db, hostile, number));
  db.run('commit');
  writeConfig(folder);
  const proc = linuxWorld(tmux);
  const socket = await tmuxSocket(join(proc.root, 'tmux-1000'));
  hostileBundles.forEach((hostile, number) => {
    const pid = 5000 + number * 2;
    const run = pid.toString(16).padStart(8, '0');
    const log = join(data, 'log', `${run}.log`);
    const content = logOf(hostile, run, ids[number] ?? '');
    writeFileSync(log, content);
    const argument = inArgument(hostile);
    proc.put({
      pid,
      startedAtMs: startMs - 900_000,
      argv: ['opencode', '-s', number % 2 === 0 ? argument : (ids[number] ?? ''), argument],
      executable: '/usr/bin/opencode',
      cwd: `/srv/${inPath(hostile)}`,
      tty: `pts/${number}`,
      files: [
        { fd: 20, path: join(data, 'opencode.db') },
        { fd: 21, path: log, positionBytes: Buffer.byteLength(content) },
      ],
      environment: { OPENCODE_PID: argument, TMUX: argument },
    });
    proc.put({
      pid: pid + 1,
      parentPid: pid,
      argv: [argument, argument],
      name: inPath(hostile)
        .replaceAll(/[()\n/]/g, ' ')
        .slice(0, 15),
      executable: `/usr/bin/${inPath(hostile)}`,
      cwd: '/',
    });
  });
  const origin = { env: {}, homeDir: folder };
  const config = new OpencodeConfig(origin);
  const models = new ModelCatalog(origin, config);
  const details = new SessionDetails(engine);
  const sessions = sourceIn(folder, { monotonicMs: () => performance.now() });
  const log = createLogSource();
  const markers = new MarkerSource({
    folder: writeMarkers(folder),
    procRoot: proc.root,
    host: 'box',
    monotonicMs: () => performance.now(),
  });
  const monitor = new Monitor(
    {
      processes: proc.source,
      log,
      sessions,
      live: [markers],
      hosts: [],
      models,
      tokenSamples: (places, fromMs, toMs) => details.tokenHistory(places, fromMs, toMs),
      viewed: () => ({ bySession: new Map(), baselineMs: 1 }),
      close: () => undefined,
    },
    { includeIdle: true, includeTools: true, host: text('box'), machineId: () => 'box', demo: false },
  );
  return {
    folder,
    nowMs: proc.nowMs,
    monitor,
    details,
    databasePath: db.path,
    mcpServers: (directory) => readMcpServers(config, directory).servers,
    close() {
      for (const each of [proc, log, sessions, markers, details, db, socket]) each.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Every pane has a hostile name and title, in tmux's output format (`pane-list.ts`). */
const tmux: Run = async () => {
  const quote = (raw: string) => raw.replace(/[\s\\"'#|&;<>()$`]/g, (sign) => `\\${sign}`);
  const panes = hostileBundles.map((hostile, number) => {
    const names = [hostile, hostile, `OC | ${hostile}`].map(quote).join(' ');
    return `%${number} ${5000 + number * 2} /dev/pts/${number} 1 1 1 1 1 ${names}`;
  });
  return { kind: 'ended', exitCode: 0, stdout: `${panes.join('\n')}\n` };
};

async function tmuxSocket(directory: string): Promise<Server> {
  mkdirSync(directory);
  const server = createServer((connection) => connection.destroy());
  await eventOf(server.listen(join(directory, 'default')), 'listening');
  return server;
}

function writeConfig(folder: string): void {
  const place = join(folder, '.config/opencode');
  mkdirSync(place, { recursive: true });
  const mcp = hostileBundles.map((hostile) => [
    hostile,
    { type: 'local', command: [hostile, hostile], environment: { SECRET: 'hunter2' } },
  ]);
  writeFileSync(join(place, 'opencode.json'), JSON.stringify({ mcp: Object.fromEntries(mcp) }));
  const cache = join(folder, '.cache/opencode');
  mkdirSync(cache, { recursive: true });
  const models = hostileBundles.map((hostile) => [
    hostile,
    { models: { [hostile]: { name: hostile, limit: { context: hostile }, cost: { input: hostile } } } },
  ]);
  writeFileSync(join(cache, 'models.json'), JSON.stringify(Object.fromEntries(models)));
}

/** Writes a marker of the spec's own process: the source only accepts markers of live processes. Returns the folder. */
function writeMarkers(folder: string): string {
  const place = join(folder, 'markers');
  mkdirSync(place);
  const session = (hostile: string) => ({
    id: hostile,
    title: hostile,
    atMs: startMs,
    activity: { kind: 'retry', attempt: 2, message: hostile },
    asks: [{ id: 'per_1', kind: 'permission', tool: hostile, patterns: [hostile], askedAtMs: startMs }],
    error: { name: hostile, message: hostile, atMs: startMs },
  });
  const marker = {
    otopMarker: 1,
    loadedAtMs: startMs,
    writtenAtMs: startMs,
    opencode: 'x',
    pid: process.pid,
  };
  writeFileSync(
    join(place, `${process.pid}@x.json`),
    JSON.stringify({ ...marker, sessions: hostileBundles.map(session) }),
  );
  return place;
}
