import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { LRUCache } from 'lru-cache';
import type { Board } from '../domain/board/board.ts';
import type { Session } from '../domain/session/session.ts';
import type { TodoItem } from '../domain/session/session-detail.ts';
import { startLiveBoard } from '../monitor/live-board.ts';
import { ownMachineId } from '../monitor/machine-processes.ts';
import type { OpenMonitor } from '../monitor/open-monitor.ts';
import { takeFirstBoard } from '../monitor/take-board.ts';
import type { Clock } from '../system/clock.ts';
import type { Context } from '../system/context.ts';
import { ownMeter, processUse } from '../system/own-use.ts';
import { sanitize } from '../text/sanitize.ts';
import { EventStream, type StreamLimits } from './event-stream.ts';
import { Forks } from './fork.ts';
import { createHttpServer } from './http-server.ts';
import { openMetrics } from './metrics.ts';
import { rateLimit } from './rate-limit.ts';
import type { Route } from './route.ts';
import { type RouteParts, serveRoutes } from './routes.ts';
import { SharedBoard } from './shared-board.ts';

/** The parts of a serve. */
export interface ServeParts extends Pick<Context, 'env' | 'clock' | 'filesystem' | 'logger' | 'machine'> {
  readonly open: OpenMonitor;
  readonly version: string;
  readonly bind: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly token: string | undefined;
  /** True if no request may act on a session. */
  readonly readOnly: boolean;
  readonly tickMs: number;
  /** Returns the Board with only the rows that clients may see. */
  readonly listed: (board: Board) => Board;
  readonly streamLimits?: StreamLimits;
  /** Called with a bug in a response; the server stays up. */
  readonly onBug: (error: unknown) => void;
  /** Called with a bug in the refresh of the Board: from then on the responses are stale. */
  readonly onFailed: (error: unknown) => void;
}

/** A serve that listens. `instance` identifies it in its responses. */
export interface RunningServe {
  readonly port: number;
  readonly instance: string;
  /** Ends streams and idle connections, and gives open responses `graceMs` to end. */
  close(graceMs: number): Promise<void>;
}

const defaultStreamLimits: StreamLimits = { clients: 64, unreadBytes: 1024 * 1024 };
const maxCachedTodos = 500;
/** One limit for all clients together, because forks are expensive. */
const forkRate = { perSecond: 0.2, burst: 5 };

/**
 * Takes a first Board, listens, and refreshes the Board for all clients with ticks of `tickMs`, also without requests.
 * Rejects with the error of the socket if it cannot listen.
 */
export async function startServe(parts: ServeParts): Promise<RunningServe> {
  const { open, clock, listed } = parts;
  const { monitor } = open;
  const events = new EventStream(parts.streamLimits ?? defaultStreamLimits);
  const shared = new SharedBoard(listed(await takeFirstBoard(monitor, clock.nowMs())), {
    todosOf: cachedTodos(open),
    origin: { host: sanitize(hostname()), machineId: ownMachineId(parts.machine), version: parts.version },
    events,
    clock,
  });
  const meter = ownMeter(clock, processUse);
  const metrics = openMetrics({
    version: parts.version,
    board: () => shared.board,
    nowMs: clock.nowMs,
    ownUse: meter.read,
    cpuMicros: () => processUse().cpuMicros,
    eventClients: () => events.size,
  });
  const instance = randomUUID();
  const server = createHttpServer({
    routes: routesOver({ shared, events, metrics }, parts),
    guard: { bind: parts.bind, hostNames: ownNames(parts), token: parts.token },
    monotonicMs: clock.monotonicMs,
    instance,
    onResponse: metrics.countResponse,
    onBug: parts.onBug,
  });
  await listen(server, parts);
  server.on('error', parts.onBug);
  const live = startLiveBoard(monitor, parts, {
    tickMs: parts.tickMs,
    onBoard: (board) => {
      const startedMs = clock.monotonicMs();
      shared.update(listed(board));
      metrics.observe(shared.board);
      meter.frame(clock.monotonicMs() - startedMs);
    },
    onError: parts.onFailed,
  });
  return {
    port: (server.address() as AddressInfo).port,
    instance,
    close(graceMs) {
      live.stop();
      shared.close();
      return end(server, clock, graceMs);
    },
  };
}

/** Returns the routes over this Board, its events and its metrics. */
function routesOver(
  sources: Pick<RouteParts, 'shared' | 'events' | 'metrics'>,
  { open, clock, env, version, readOnly }: ServeParts,
): readonly Route[] {
  const forkLimit = rateLimit(forkRate, clock.monotonicMs);
  return serveRoutes({
    ...sources,
    version,
    readOnly,
    forks: new Forks({ env, clock }),
    sessionOf: (id) => open.monitor.evidence(sources.shared.board).sessions.get(id),
    forkWaitMs: () => forkLimit.take('all'),
  });
}

/** Resolves when the server listens. Rejects with the error of the socket. */
function listen(server: Server, { port, bind }: ServeParts): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, bind, () => resolve());
  });
}

/** Resolves when all responses have ended, at the latest after `graceMs`. */
function end(server: Server, clock: Clock, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(graceMs, () => server.closeAllConnections());
    server.close(() => {
      timer.cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}

function ownNames({ allowedHosts }: ServeParts): ReadonlySet<string> {
  const own = hostname().toLowerCase();
  return new Set([own, `${own}.local`, ...allowedHosts.map((name) => name.toLowerCase())]);
}

/** Returns a reader of todos that reads a session again only if its row has changed. */
function cachedTodos({ details }: OpenMonitor): (session: Session) => readonly TodoItem[] | undefined {
  const cache = new LRUCache<
    string,
    { readonly changedAtMs: number | undefined; readonly todos: readonly TodoItem[] }
  >({ max: maxCachedTodos });
  return (session) => {
    const { id, todos, activeAtMs } = session;
    if (todos === undefined || todos.total === 0) {
      cache.delete(id);
      return todos && [];
    }
    const cached = cache.get(id);
    if (cached && cached.changedAtMs === activeAtMs && cached.todos.length === todos.total)
      return cached.todos;
    const read = details.open(session)?.todos;
    if (read) cache.set(id, { changedAtMs: activeAtMs, todos: read });
    return read;
  };
}
