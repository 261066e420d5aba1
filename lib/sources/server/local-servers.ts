import type { Trouble } from '../../domain/board/board.ts';
import type { ReportReading, ReportSource } from '../../domain/board/readings.ts';
import type { Evidence } from '../../domain/evidence/match.ts';
import { clockTime, piece } from '../../domain/evidence/piece.ts';
import { parseArguments } from '../../domain/process/arguments.ts';
import type { OpencodeProcess } from '../../domain/process/process.ts';
import { loopbackAddress } from '../../domain/process/server-address.ts';
import { isService } from '../../domain/process/viewers.ts';
import type { PendingAsk } from '../../domain/session/acts.ts';
import type { ReportedStatus } from '../../domain/session/reported-status.ts';
import { newestStatuses } from '../../domain/session/reported-status.ts';
import { sanitize } from '../../text/sanitize.ts';
import { asksOf, type SessionHost } from './acts.ts';
import { type Limits, usualLimits } from './bounded-fetch.ts';
import { type ConnectionWorld, realWorld, ServerConnection, withPatience } from './connection.ts';
import type { Credentials } from './credentials.ts';
import { stateEvents } from './event-wire.ts';
import { ServerFailure } from './failure.ts';
import { openApi } from './open-api.ts';
import type { OpencodeApi } from './opencode-api.ts';
import type { ServiceFile } from './service-file.ts';

/** What the servers of this machine are reached with. */
export interface LocalServersOptions {
  readonly credentials: Credentials;
  /** opencode 2's note of its background service. */
  readonly service: ServiceFile;
  readonly limits?: Limits;
  readonly world?: ConnectionWorld;
}

interface LocalServer {
  readonly process: OpencodeProcess;
  readonly connection: ServerConnection;
}

/** How long a command that prints and exits waits for servers that it found by itself. */
const patienceMs = 1_500;

/**
 * What opencode processes of this machine say of their own sessions where they listen on a port: `serve`, `web`, `acp`,
 * and a TUI with `--port`. Connects to ports of opencode processes only, on the loopback interface.
 */
export class LocalServers implements ReportSource {
  readonly #options: LocalServersOptions;
  readonly #servers = new Map<string, LocalServer>();
  #onChange: () => void = () => undefined;

  constructor(options: LocalServersOptions) {
    this.#options = options;
  }

  refresh(processes: readonly OpencodeProcess[], nowMs: number): ReportReading {
    this.#follow(processes.filter(listens));
    const servers = [...this.#servers.values()];
    return {
      evidence: servers.flatMap((server) => evidenceOf(server, nowMs)),
      statuses: statusesOf(servers),
      troubles: [...this.#fileTrouble(), ...servers.flatMap(troubleOf)],
    };
  }

  listen(onChange: () => void): void {
    this.#onChange = onChange;
  }

  settled(): Promise<void> | undefined {
    const all = [...this.#servers.values()].map(({ connection }) => connection.firstWord);
    return all.length === 0 ? undefined : withPatience(Promise.all(all), patienceMs);
  }

  /** The ports that belong to a process of this machine: a server of that address is none of another host. */
  get ports(): ReadonlySet<number> {
    return new Set([...this.#servers.values()].flatMap(({ process }) => process.ports));
  }

  /** Who hosts a session, and can be told to do something with it. */
  hostOf(sessionId: string): SessionHost | undefined {
    const found = [...this.#servers.values()].flatMap(({ connection: { api, hosted } }) => {
      const session = hosted.get(sessionId);
      return api && session ? [{ api, hosted: session }] : [];
    });
    return found.toSorted((one, other) => other.hosted.toldAtMs - one.hosted.toldAtMs)[0];
  }

  /** What their sessions wait for, where an answer would arrive. */
  asks(): readonly PendingAsk[] {
    return [...this.#servers.values()].flatMap(({ connection: { api, hosted } }) =>
      api ? asksOf(hosted) : [],
    );
  }

  close(): void {
    for (const { connection } of this.#servers.values()) connection.close();
    this.#servers.clear();
  }

  #fileTrouble(): Trouble[] {
    const { trouble } = this.#options.credentials;
    return trouble === undefined ? [] : [{ source: 'server', text: trouble }];
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
    const { credentials, service, limits = usualLimits, world = realWorld } = this.#options;
    const open = () =>
      firstOpencode(portsOf(process), (port) => {
        const { url } = loopbackAddress(port);
        const authorization = () =>
          (isService(process) ? service.authorizationFor(process.pid) : undefined) ??
          credentials.headerFor(url);
        return openApi({ url, authorization }, { limits, wantedEvents: stateEvents });
      });
    return new ServerConnection(
      {
        open,
        sinceMs: () => process.startedAtMs ?? 0,
        onChange: () => this.#onChange(),
      },
      world,
    );
  }
}

/** A process may listen for other reasons, too (a plugin, a login): the first port that opencode answers on is it. */
async function firstOpencode(
  ports: readonly number[],
  open: (port: number) => Promise<OpencodeApi>,
): Promise<OpencodeApi> {
  let failure: unknown = new ServerFailure('it listens on no port any more');
  for (const port of ports) {
    try {
      return await open(port);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function listens({ ports, kind }: OpencodeProcess): boolean {
  return ports.length > 0 && kind !== 'attach' && kind !== 'run';
}

/** The port that it was told to use comes first, then the usual one. */
function portsOf({ ports, args }: OpencodeProcess): readonly number[] {
  const { port } = parseArguments(args);
  const rank = (each: number) => (each === port ? 0 : each === 4096 ? 1 : 2);
  return ports.toSorted((one, other) => rank(one) - rank(other)).slice(0, 4);
}

function keyOf({ pid, startedAtMs, ports }: OpencodeProcess): string {
  return `${pid} ${startedAtMs} ${ports.join(',')}`;
}

/** For so long a session at rest is worth a thought. */
const restingMs = 24 * 3_600_000;

/** At work or waiting: it runs here, now. At rest a server may still be believed to have it; a TUI may show another. */
function evidenceOf({ process, connection }: LocalServer, nowMs: number): Evidence[] {
  return [...connection.hosted.all()].flatMap((session) => {
    const { id, activity, asks, toldAtMs } = session;
    const isBusy = activity.kind !== 'idle' || asks.length > 0;
    if (!isBusy && (process.kind === 'tui' || nowMs - toldAtMs > restingMs)) return [];
    const what = asks.length > 0 ? 'waiting for an answer' : activity.kind;
    const why = `its own server says that it is ${what}, as of ${clockTime(toldAtMs)}`;
    const weight = isBusy
      ? ({ confidence: 'certain', strength: 0.95 } as const)
      : ({ confidence: 'likely', strength: 0.6 } as const);
    return [piece('server', process.pid, id, { ...weight, atMs: toldAtMs, why })];
  });
}

/** Of two servers that speak of one session, the one that did so later hosts it. */
function statusesOf(servers: readonly LocalServer[]): ReadonlyMap<string, ReportedStatus> {
  return newestStatuses(
    servers.flatMap(({ connection }) =>
      [...connection.hosted.all()].map(
        ({ id, activity, asks, toldAtMs }): ReportedStatus => ({
          source: 'server',
          sessionId: id,
          atMs: toldAtMs,
          activity,
          asks,
        }),
      ),
    ),
  );
}

function troubleOf({ process, connection: { link } }: LocalServer): Trouble[] {
  // A TUI that was not told to listen does so for a plugin, or by its configuration.
  const isMeant = process.kind !== 'tui' || parseArguments(process.args).port !== undefined;
  if (link.state !== 'away' || !isMeant) return [];
  const text = sanitize(
    `opencode ${process.kind} (pid ${process.pid}, port ${process.ports[0]}): ${link.why}`,
  );
  return [{ source: 'server', text }];
}
