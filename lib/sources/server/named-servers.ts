import type { HostStatus, Row } from '../../domain/board/board.ts';
import type { HostReading, HostSource } from '../../domain/board/readings.ts';
import { loopbackPort, type ServerAddress } from '../../domain/process/server-address.ts';
import type { PendingAsk } from '../../domain/session/acts.ts';
import type { ReportedStatus } from '../../domain/session/reported-status.ts';
import { sanitize } from '../../text/sanitize.ts';
import { asksOf, type SessionHost } from './acts.ts';
import { type Limits, usualLimits } from './bounded-fetch.ts';
import { type ConnectionEnv, ServerConnection, systemEnv, withTimeout } from './connection.ts';
import type { Credentials } from './credentials.ts';
import type { HostedSession } from './hosted-sessions.ts';
import { openApi } from './open-api.ts';
import type { OpencodeApi } from './opencode-api.ts';
import { RemoteContent } from './remote-content.ts';
import { type RowJudge, remoteRows } from './remote-rows.ts';

/** Options of `NamedServers`. */
export interface NamedServersOptions extends RowJudge {
  readonly addresses: readonly ServerAddress[];
  readonly credentials: Credentials;
  /** Ports of opencode processes of this machine; a server there is skipped, since it is not on another host. */
  readonly localPorts: () => ReadonlySet<number>;
  readonly limits?: Limits;
  readonly connectionEnv?: ConnectionEnv;
}

/** Directories are polled if one of their sessions was updated within this time. */
const recentMs = 7 * 24 * 3_600_000;
/** How long a command that prints and exits waits for servers that the user named. */
const timeoutMs = 5_000;

/** The sessions of servers that the user named. Each has its own connection, so none delays another. */
export class NamedServers implements HostSource {
  readonly #options: NamedServersOptions;
  readonly #servers = new Map<string, NamedServer>();
  #onChange: () => void = () => undefined;

  constructor(options: NamedServersOptions) {
    this.#options = options;
  }

  /** Connects to new servers and returns the last known state of each, without waiting for it. */
  refresh(nowMs: number): readonly HostReading[] {
    const ports = this.#options.localPorts();
    return this.#options.addresses.flatMap((address) => {
      const port = loopbackPort(address);
      const server = this.#servers.get(address.url);
      if (port !== undefined && ports.has(port)) {
        server?.close();
        this.#servers.delete(address.url);
        return [];
      }
      return [(server ?? this.#connect(address)).reading(nowMs)];
    });
  }

  /** Sets the callback for changes. */
  listen(onChange: () => void): void {
    this.#onChange = onChange;
  }

  /** Calls the callback for a displayed change outside the rows. */
  changed(): void {
    this.#onChange();
  }

  /** Resolves when every server was polled or failed, after 5 s at the latest; undefined without servers. */
  settled(): Promise<void> | undefined {
    const all = [...this.#servers.values()].map((server) => server.settled());
    return all.length === 0 ? undefined : withTimeout(Promise.all(all), timeoutMs);
  }

  /** Returns a connected server that hosts the session, or undefined if there is none. */
  hostOf(sessionId: string): SessionHost | undefined {
    for (const server of this.#servers.values()) {
      const found = server.hostOf(sessionId);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Returns the open asks of all sessions whose server is connected. */
  asks(): readonly PendingAsk[] {
    return [...this.#servers.values()].flatMap((server) => server.asks());
  }

  /** Returns the API of the server that stores a session, working or idle; undefined if there is none. */
  apiOf(sessionId: string): OpencodeApi | undefined {
    return [...this.#servers.values()]
      .map((server) => server.apiOf(sessionId))
      .find((api) => api !== undefined);
  }

  /** Closes all connections. */
  close(): void {
    for (const server of this.#servers.values()) server.close();
    this.#servers.clear();
  }

  #connect(address: ServerAddress): NamedServer {
    const server = new NamedServer(address, this.#options, () => this.#onChange());
    this.#servers.set(address.url, server);
    return server;
  }
}

class NamedServer {
  readonly #address: ServerAddress;
  readonly #judge: RowJudge;
  readonly #connection: ServerConnection;
  readonly #content: RemoteContent;
  #rows: readonly Row[] = [];

  constructor(address: ServerAddress, options: NamedServersOptions, onChange: () => void) {
    const { credentials, limits = usualLimits, connectionEnv = systemEnv } = options;
    const { url } = address;
    const headers = () => [credentials.headerFor(url)].filter((header) => header !== undefined);
    this.#address = address;
    this.#judge = options;
    this.#content = new RemoteContent(() => this.#connection.hosted, onChange);
    this.#connection = new ServerConnection(
      {
        open: () => openApi(url, headers, { limits, withContent: true }),
        sinceMs: () => connectionEnv.nowMs() - recentMs,
        onChange,
        content: this.#content,
      },
      connectionEnv,
    );
  }

  /** While the connection is lost, the rows are the last known ones. */
  reading(nowMs: number): HostReading {
    const { link } = this.#connection;
    if (link.state === 'live') this.#rows = this.#judgeRows(nowMs);
    const { name } = this.#address;
    const troubles =
      link.state === 'away' ? [{ source: 'server' as const, text: sanitize(`${name}: ${link.why}`) }] : [];
    return { host: this.#status(), rows: this.#rows, troubles };
  }

  settled(): Promise<void> {
    return this.#connection.firstAttempt;
  }

  hostOf(sessionId: string): SessionHost | undefined {
    const { api, hosted } = this.#connection;
    const session = hosted.get(sessionId);
    return api && session && { api, hosted: session };
  }

  asks(): readonly PendingAsk[] {
    const { api, hosted } = this.#connection;
    return api ? asksOf(hosted) : [];
  }

  apiOf(sessionId: string): OpencodeApi | undefined {
    return this.#content.has(sessionId) ? this.#connection.api : undefined;
  }

  close(): void {
    this.#connection.close();
  }

  #status(): HostStatus {
    const { link, heardAtMs } = this.#connection;
    return {
      name: this.#address.name,
      kind: 'server',
      link: link.state,
      ...(heardAtMs !== undefined && { heardAtMs }),
      ...(link.state === 'away' && { why: link.why }),
    };
  }

  #judgeRows(nowMs: number): readonly Row[] {
    const { hosted, polledAtMs, clockAheadMs } = this.#connection;
    const sessions = this.#content.sessions();
    const live = new Map<string, ReportedStatus>();
    for (const id of sessions.keys()) {
      const { activity, asks, reportedAtMs } = hosted.get(id) ?? idleState(polledAtMs ?? nowMs);
      live.set(id, { source: 'server', sessionId: id, atMs: reportedAtMs, activity, asks });
    }
    const { name, url } = this.#address;
    const host = { host: name, url, sessions, live, nowMs, aheadMs: clockAheadMs };
    return remoteRows(host, this.#judge);
  }
}

/** The state of a session that no poll or event reported. */
function idleState(reportedAtMs: number): Omit<HostedSession, 'id'> {
  return { activity: { kind: 'idle' }, asks: [], reportedAtMs };
}
