import { hostname, tmpdir } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { Options } from '../config/options.ts';
import { configuredHosts, configuredServers, loadSettings, problemLines } from '../config/settings.ts';
import type { Demo } from '../demo/demo.ts';
import type { HostSource, ReportSource } from '../domain/board/readings.ts';
import type { ServerAddress } from '../domain/process/server-address.ts';
import type { SshHost } from '../domain/process/ssh-host.ts';
import type { Settings } from '../domain/schema/configuration.ts';
import type { SessionActs } from '../domain/session/acts.ts';
import type { McpServer } from '../domain/session/mcp-server.ts';
import { Hosts } from '../sources/host/hosts.ts';
import { createLogSource } from '../sources/log/log-source.ts';
import { MarkerSource } from '../sources/marker/marker-source.ts';
import { machineName, markersFolder } from '../sources/marker/places.ts';
import { OpencodeConfig, readMcpServers } from '../sources/opencode/configuration.ts';
import { ModelCatalog } from '../sources/opencode/models.ts';
import { SessionDetails } from '../sources/opencode/session-detail.ts';
import {
  localDayStartMs,
  openSessionSource,
  type SessionSourceOptions,
} from '../sources/opencode/sessions.ts';
import { openProc, readValue } from '../sources/process/proc.ts';
import { serverActs } from '../sources/server/acts.ts';
import { readCredentials } from '../sources/server/credentials.ts';
import { LocalServers } from '../sources/server/local-servers.ts';
import { NamedServers } from '../sources/server/named-servers.ts';
import { RemoteDetails } from '../sources/server/remote-details.ts';
import type { RowJudge } from '../sources/server/remote-rows.ts';
import { serverPasswords } from '../sources/server/server-passwords.ts';
import { loadSqlEngine, type SqlEngine } from '../sources/sqlite/sql-engine.ts';
import type { Clock } from '../system/clock.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { exitProcess } from '../system/exit.ts';
import { errorCode, isWritableFolder } from '../system/files.ts';
import type { Surroundings } from '../system/surroundings.ts';
import { sanitize } from '../text/sanitize.ts';
import { type Conversations, conversations } from './conversations.ts';
import { machineProcesses, ownMachineId, withPrefetch } from './machine-processes.ts';
import { Monitor, type MonitorParts } from './monitor.ts';
import { SharedViewedTimes, viewedPath } from './viewed-times.ts';

/** A Monitor together with the other parts that the dashboard uses. */
export interface OpenMonitor {
  readonly monitor: Monitor;
  readonly details: Conversations;
  /** The MCP servers that opencode's configuration names for a directory. */
  mcpServers(directoryPath: string | undefined): readonly McpServer[];
  /** Answers asks and aborts turns; absent with `--no-servers`. */
  readonly acts?: SessionActs;
  /** When the user viewed each session; the dashboard updates it. */
  readonly viewed: SharedViewedTimes;
}

/** The parts while the Monitor is opened: live sources and hosts are added to the arrays. */
interface OpenParts extends MonitorParts {
  readonly live: ReportSource[];
  readonly hosts: HostSource[];
}

/**
 * Opens the sources that the options name: this machine's, or a simulated fleet's, which the same code reads.
 * `moving` is true for programs that keep running: the simulated fleet goes on, and problems of the configuration are
 * not printed. Close the Monitor to end the fleet and remove its folder.
 */
export async function openMonitor(options: Options, context: Context, moving: boolean): Promise<OpenMonitor> {
  const loading = loadSqlEngine();
  // Set this late because Node recompiles its own modules after a flag change; those that otop needs are loaded by
  // now.
  optimiseLess(process.versions.node);
  const settings = {
    includeIdle: options.all ?? false,
    includeTools: options.all ?? false,
    host: sanitize(hostname()),
    machineId: () => ownMachineId(context.machine),
    demo: options.demo ?? false,
  };
  const loaded = loadSettings(options, context);
  // The dashboard shows these problems itself.
  if (!moving && !options.quiet)
    for (const line of problemLines(loaded)) context.stderr.write(`otop: ${line}\n`);
  if (options.demo) return openDemo({ options, context, settings, moving, engine: await loading });
  const viewed = new SharedViewedTimes(
    viewedPath(context.env, context.homeDir),
    undefined,
    context.filesystem?.mayRead,
  );
  const { clock, env, machine } = context;
  const processes = withPrefetch(machineProcesses(context), clock.nowMs());
  const engine = await loading;
  const origin = { env, homeDir: context.homeDir };
  const targets = remoteTargets(options, loaded.settings);
  const database = { ...(options.db !== undefined && { db: options.db }) };
  const { parts, databases, ...rest } = openParts({
    origin,
    processes,
    engine,
    clock,
    database,
    viewed,
  });
  const folder = markersFolder(origin);
  const { procRoot } = machine;
  parts.live.push(new MarkerSource({ folder, procRoot, host: hostname(), monotonicMs: clock.monotonicMs }));
  const userId = process.getuid?.();
  if (options.hosts !== false)
    parts.hosts.push(new Hosts({ ...targets, env, userId, includeIdle: settings.includeIdle }));
  if (options.servers === false) return { monitor: new Monitor(parts, settings), ...rest, viewed };
  const servers = openServers({
    ...origin,
    userId,
    procRoot,
    named: targets.servers,
    lookup: parts.models.lookup,
    viewed: parts.viewed,
    includeIdle: settings.includeIdle,
  });
  parts.live.push(servers.local);
  parts.hosts.push(servers.named);
  const details = conversations(databases, servers.details);
  return { monitor: new Monitor(parts, settings), ...rest, details, viewed, acts: servers.acts };
}

/** The inputs for the simulated fleet. */
interface DemoParts {
  readonly options: Options;
  readonly context: Context;
  readonly settings: ConstructorParameters<typeof Monitor>[1];
  readonly moving: boolean;
  readonly engine: SqlEngine;
}

/** How many bytes of bytecode a function runs before V8 compiles it again, optimised; V8's default is 67,584. */
const interruptBudgetBytes = 1_000_000;

/**
 * Lets V8 optimise only functions that run very often: otop works a few milliseconds a second, and what optimising costs is
 * not earned back. Without this a start beside 16 sessions takes 15 to 25 % more CPU time on Node 20 (V8 11.3; median of 20
 * pairs). From Node 22 on V8 has a cheaper compiler in between and no such flag.
 */
export function optimiseLess(
  nodeVersion: string,
  setFlags: (flags: string) => void = setFlagsFromString,
): void {
  if (Number.parseInt(nodeVersion, 10) < 22) setFlags(`--interrupt-budget=${interruptBudgetBytes}`);
}

async function openDemo({ options, context, settings, moving, engine }: DemoParts): Promise<OpenMonitor> {
  const demo = await openFleet(options, context, moving);
  const viewed = new SharedViewedTimes(undefined, { baselineMs: demo.viewedUntilMs, bySession: new Map() });
  const { parts, ...rest } = openParts({
    origin: { env: demo.env, homeDir: demo.homeDir },
    processes: demo.processes,
    engine,
    clock: context.clock,
    database: { db: demo.databasePath },
    viewed,
  });
  const close = () => {
    parts.close();
    demo.dispose();
  };
  return { monitor: new Monitor({ ...parts, close }, settings), ...rest, viewed, acts: demo.acts };
}

/** Starts the simulated fleet in a temporary folder. If no such folder can be written, says so and exits. */
async function openFleet({ seed = 1 }: Options, context: Context, moving: boolean): Promise<Demo> {
  const { clock, env, machine, stderr } = context;
  const { startDemo } = await import('../demo/demo.ts');
  const candidates = [env.TMPDIR ?? '', tmpdir(), '/tmp'];
  const temporaryDir = candidates.find((path) => path !== '' && isWritableFolder(path)) ?? tmpdir();
  try {
    return await startDemo({
      seed,
      nowMs: clock.nowMs(),
      temporaryDir,
      machine: machineName(machine.procRoot),
      ...(moving && { clock }),
    });
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    const words = `the demo cannot write its files to ${temporaryDir} (${code}): set TMPDIR to a folder that can be written`;
    stderr.write(`otop: ${sanitize(words)}\n`);
    return exitProcess(exitCodes.no);
  }
}

/** The inputs for the sources that read files of this machine. */
interface SourceParts {
  /** The environment that all file paths are derived from: the user's, or the simulated fleet's. */
  readonly origin: Surroundings;
  readonly processes: MonitorParts['processes'];
  readonly engine: SqlEngine;
  readonly clock: Clock;
  readonly database: Pick<SessionSourceOptions, 'db'>;
  readonly viewed: OpenMonitor['viewed'];
}

function openParts({
  origin,
  processes,
  engine,
  clock,
  database,
  viewed,
}: SourceParts): { readonly parts: OpenParts; readonly databases: SessionDetails } & Pick<
  OpenMonitor,
  'details' | 'mcpServers'
> {
  const log = createLogSource();
  const databases = new SessionDetails(engine);
  const config = new OpencodeConfig(origin);
  const sessions = openSessionSource({
    ...origin,
    engine,
    cwd: process.cwd(),
    ...database,
    monotonicMs: clock.monotonicMs,
    dayStartMs: localDayStartMs,
  });
  const parts: OpenParts = {
    processes,
    log,
    sessions,
    live: [],
    hosts: [],
    models: new ModelCatalog(origin, config),
    tokenSamples: (sessions, fromMs, toMs) => databases.tokenHistory(sessions, fromMs, toMs),
    viewed() {
      viewed.refresh();
      viewed.dropFuture(clock.nowMs());
      return viewed;
    },
    close() {
      for (const source of [processes, log, sessions, ...parts.live, ...parts.hosts]) source.close();
      databases.close();
    },
  };
  const mcpServers = (directoryPath: string | undefined) => readMcpServers(config, directoryPath).servers;
  return { parts, databases, details: conversations(databases, undefined), mcpServers };
}

/** Other machines and servers that the user named. */
interface RemoteTargets {
  readonly ssh: readonly SshHost[];
  /** Addresses of `otop serve` on other machines. */
  readonly serves: readonly ServerAddress[];
  /** Addresses of opencode servers. */
  readonly servers: readonly ServerAddress[];
}

/** Targets from the command line, else from the configuration; empty for a kind that is disabled. */
function remoteTargets(options: Options, settings: Settings): RemoteTargets {
  const { host, otop, server } = options;
  const isNamed = host !== undefined || otop !== undefined;
  const machines = isNamed ? { ssh: host ?? [], serves: otop ?? [] } : configuredHosts(settings);
  return {
    ...(options.hosts === false ? { ssh: [], serves: [] } : machines),
    servers: options.servers === false ? [] : (server ?? configuredServers(settings)),
  };
}

/** The inputs for the server sources. */
interface ServersOptions extends RowJudge, Surroundings {
  /** `process.getuid()`: only a password file of this user is trusted. */
  readonly userId: number | undefined;
  /** Where the environments of processes are read; there are none on macOS. */
  readonly procRoot: string;
  /** Servers that the user named. */
  readonly named: readonly ServerAddress[];
}

/** The opencode servers of this machine and the named ones. */
interface Servers {
  readonly local: ReportSource;
  readonly named: HostSource;
  readonly acts: SessionActs;
  readonly details: RemoteDetails;
}

/** Creates the server sources; they connect only after a server is found. */
function openServers(options: ServersOptions): Servers {
  const { env, homeDir, userId, named: addresses, procRoot } = options;
  const credentials = readCredentials(env, userId);
  const proc = openProc(procRoot);
  const environmentOf = (pid: number) => readValue(proc.environment(pid));
  const passwords = serverPasswords({ env, homeDir, userId, environmentOf });
  const local = new LocalServers({ credentials, passwords });
  const named = new NamedServers({ ...options, addresses, credentials, localPorts: () => local.ports });
  const acts = serverActs(
    (sessionId) => local.hostOf(sessionId) ?? named.hostOf(sessionId),
    () => [...local.asks(), ...named.asks()],
  );
  const details = new RemoteDetails(
    (sessionId) => named.apiOf(sessionId),
    () => named.changed(),
  );
  return { local, named, acts, details };
}
