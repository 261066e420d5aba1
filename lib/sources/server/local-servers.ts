import type { Trouble } from '../../domain/board/board.ts';
import type { ReportReading, ReportSource, ServerLink } from '../../domain/board/readings.ts';
import type { Evidence } from '../../domain/evidence/match.ts';
import { logTime, piece } from '../../domain/evidence/piece.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { parseArguments } from '../../domain/process/arguments.ts';
import type { OpencodeProcess } from '../../domain/process/process.ts';
import { loopbackAddress } from '../../domain/process/server-address.ts';
import { isService } from '../../domain/process/viewers.ts';
import type { PendingAsk } from '../../domain/session/acts.ts';
import type { ReportedStatus } from '../../domain/session/reported-status.ts';
import { newestStatuses } from '../../domain/session/reported-status.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { asksOf, type SessionHost } from './acts.ts';
import { type Limits, usualLimits } from './bounded-fetch.ts';
import { type ConnectionEnv, ServerConnection, systemEnv, withTimeout } from './connection.ts';
import type { Credentials } from './credentials.ts';
import { ServerFailure } from './failure.ts';
import { openApi } from './open-api.ts';
import type { OpencodeApi } from './opencode-api.ts';
import type { ServerPasswords } from './server-passwords.ts';

/** Credentials and limits for the servers of this machine. */
export interface LocalServersOptions {
  readonly credentials: Credentials;
  /** The passwords that opencode itself keeps. */
  readonly passwords: ServerPasswords;
  readonly limits?: Limits;
  readonly connectionEnv?: ConnectionEnv;
}

interface LocalServer {
  readonly process: OpencodeProcess;
  readonly connection: ServerConnection;
}

/** How long a command that prints and exits waits for servers that the user did not name. */
const timeoutMs = 1_500;
/** The same if a service of opencode 2 is among them: nothing else knows who waits for a permission. */
const serviceTimeoutMs = 4_000;

/**
 * Reads session states from the opencode processes of this machine that listen on a port: `serve`, `web`, `acp`, and a
 * TUI with `--port`. Connects only to ports of opencode processes, on the loopback interface.
 */
export class LocalServers implements ReportSource {
  readonly #options: LocalServersOptions;
  readonly #servers = new Map<string, LocalServer>();
  #onChange: () => void = () => undefined;

  constructor(options: LocalServersOptions) {
    this.#options = options;
  }

  /** Connects to new servers, closes connections of ended ones, and returns the last known state of all. */
  refresh(processes: readonly OpencodeProcess[], nowMs: number): ReportReading {
    this.#follow(processes.filter(isServer));
    const servers = [...this.#servers.values()];
    return {
      evidence: servers.flatMap((server) => evidenceOf(server, nowMs)),
      statuses: statusesOf(servers),
      listedAtMs: new Map(servers.flatMap(listedAtMsOf)),
      links: new Map(servers.map((server) => [server.process.pid, this.#linkOf(server)])),
      notes: new Map(servers.flatMap(noteOf)),
      troubles: [...this.#fileTrouble(), ...servers.flatMap(troubleOf)],
    };
  }

  /** Sets the callback for changes. */
  listen(onChange: () => void): void {
    this.#onChange = onChange;
  }

  /**
   * Resolves when every server was polled or failed, after 1.5 s at the latest, or 4 s with a service of opencode 2; undefined
   * without servers.
   */
  settled(): Promise<void> | undefined {
    const servers = [...this.#servers.values()];
    if (servers.length === 0) return undefined;
    const all = Promise.all(servers.map(({ connection }) => connection.firstAttempt));
    const hasService = servers.some(({ process }) => isService(process));
    return withTimeout(all, hasService ? serviceTimeoutMs : timeoutMs);
  }

  /** Ports of opencode processes of this machine. A named server at such a port is not on another host. */
  get ports(): ReadonlySet<number> {
    return new Set([...this.#servers.values()].flatMap(({ process }) => process.ports));
  }

  /** Returns the connected server that reported the session last, or undefined if there is none. */
  hostOf(sessionId: string): SessionHost | undefined {
    const found = [...this.#servers.values()].flatMap(({ connection: { api, hosted } }) => {
      const session = hosted.get(sessionId);
      return api && session ? [{ api, hosted: session }] : [];
    });
    return found.toSorted((one, other) => other.hosted.reportedAtMs - one.hosted.reportedAtMs)[0];
  }

  /** Returns the open asks of all sessions whose server is connected. */
  asks(): readonly PendingAsk[] {
    return [...this.#servers.values()].flatMap(({ connection: { api, hosted } }) =>
      api ? asksOf(hosted) : [],
    );
  }

  /** Closes all connections. */
  close(): void {
    for (const { connection } of this.#servers.values()) connection.close();
    this.#servers.clear();
  }

  #linkOf({ process: { pid }, connection }: LocalServer): ServerLink {
    const { link, lastApi: api, heardAtMs } = connection;
    return omitUndefined({
      state: link.state,
      api: api && apiText(api),
      // The note tells the version of a service that does not answer.
      version: api?.version ?? this.#options.passwords.versionOf?.(pid),
      heardAtMs,
      why: link.state === 'away' ? link.why : undefined,
    });
  }

  #fileTrouble(): Trouble[] {
    const { credentials, passwords } = this.#options;
    const texts = [
      ...(credentials.trouble === undefined ? [] : [credentials.trouble]),
      ...passwords.troubles,
    ];
    return texts.map((text) => ({ source: 'server', text }));
  }

  #follow(listening: readonly OpencodeProcess[]): void {
    const now = new Map(listening.map((process) => [keyOf(process), process]));
    for (const [key, { connection }] of this.#servers) {
      if (now.has(key)) continue;
      connection.close();
      this.#servers.delete(key);
    }
    for (const [key, process] of now) {
      const connection = this.#servers.get(key)?.connection ?? this.#connect(process);
      this.#servers.set(key, { process, connection });
    }
  }

  #connect(process: OpencodeProcess): ServerConnection {
    const { credentials, passwords, limits = usualLimits, connectionEnv = systemEnv } = this.#options;
    const open = () =>
      firstOpencode(portsOf(process), (port) => {
        const { url } = loopbackAddress(port);
        const headers = () => {
          const named = credentials.headerFor(url);
          return [...passwords.headersFor(process), ...(named === undefined ? [] : [named])];
        };
        return openApi(url, headers, { limits, withContent: false });
      });
    return new ServerConnection(
      {
        open,
        sinceMs: () => process.startedAtMs ?? 0,
        onChange: () => this.#onChange(),
      },
      connectionEnv,
    );
  }
}

/** Returns the API at the first port where opencode responds; other ports may belong to a plugin or a login. Rejects if there is none. */
async function firstOpencode(
  ports: readonly number[],
  open: (port: number) => Promise<OpencodeApi>,
): Promise<OpencodeApi> {
  let failure: unknown = new ServerFailure('it no longer listens on a port');
  for (const port of ports) {
    try {
      return await open(port);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** `attach` and `run` only show sessions of another process. */
function isServer({ ports, kind }: OpencodeProcess): boolean {
  return ports.length > 0 && kind !== 'attach' && kind !== 'run';
}

/** The API in words. */
function apiText({ apiVersion, build }: OpencodeApi): ServerLink['api'] {
  if (apiVersion === 1) return 'the API of opencode 1';
  return build === 'released' ? 'the released API' : 'the API of a build before the release';
}

/** At most four ports: that of `--port` first, then opencode's default port. */
function portsOf({ ports, args }: OpencodeProcess): readonly number[] {
  const { port } = parseArguments(args);
  const rank = (each: number) => (each === port ? 0 : each === 4096 ? 1 : 2);
  return ports.toSorted((one, other) => rank(one) - rank(other)).slice(0, 4);
}

function keyOf({ pid, startedAtMs, ports }: OpencodeProcess): string {
  return `${pid} ${startedAtMs} ${ports.join(',')}`;
}

/** An older idle report is no evidence. */
const maxIdleMs = 24 * 3_600_000;

/** A busy or asking session surely runs in this process. An idle one probably belongs to a server; a TUI may show another. */
function evidenceOf({ process, connection }: LocalServer, nowMs: number): Evidence[] {
  return [...connection.hosted.all()].flatMap((session) => {
    const { id, activity, asks, reportedAtMs } = session;
    const isBusy = activity.kind !== 'idle' || asks.length > 0;
    if (!isBusy && (process.kind === 'tui' || nowMs - reportedAtMs > maxIdleMs)) return [];
    const stateText = asks.length > 0 ? 'waiting for an answer' : activity.kind;
    const why = `its own server says that it is ${stateText}, as of ${logTime(reportedAtMs)}`;
    const weight = isBusy
      ? ({ confidence: 'certain', strength: 0.95 } as const)
      : ({ confidence: 'likely', strength: 0.6 } as const);
    return [piece('server', process.pid, id, { ...weight, atMs: reportedAtMs, why })];
  });
}

/** If two servers report the same session, the newer report counts. */
function statusesOf(servers: readonly LocalServer[]): ReadonlyMap<string, ReportedStatus> {
  return newestStatuses(
    servers.flatMap(({ connection }) =>
      [...connection.hosted.all()].map(
        ({ id, activity, asks, reportedAtMs }): ReportedStatus => ({
          source: 'server',
          sessionId: id,
          atMs: reportedAtMs,
          activity,
          asks,
        }),
      ),
    ),
  );
}

/** opencode 2 lists all its sessions at work, so a session that it does not list is at rest. */
function listedAtMsOf({ process, connection: { link, polledAtMs } }: LocalServer): [number, number][] {
  const isLister = link.state === 'live' && link.apiVersion === 2 && polledAtMs !== undefined;
  return isLister ? [[process.pid, polledAtMs]] : [];
}

/** A server whose password otop does not know concerns its own row alone: it may be a private one of another program. */
function noteOf({ process, connection: { link } }: LocalServer): [number, DisplayText][] {
  return link.state === 'away' && link.wantsPassword ? [[process.pid, sanitize(`server: ${link.why}`)]] : [];
}

function troubleOf({ process, connection: { link } }: LocalServer): Trouble[] {
  // A TUI without `--port` may listen because of a plugin or its configuration: then a failure is no trouble.
  const isExpected = process.kind !== 'tui' || parseArguments(process.args).port !== undefined;
  if (link.state !== 'away' || link.wantsPassword || !isExpected) return [];
  const text = sanitize(
    `opencode ${process.kind} (pid ${process.pid}, port ${process.ports[0]}): ${link.why}`,
  );
  return [{ source: 'server', text }];
}
