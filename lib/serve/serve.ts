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

/** What a serve is started with. */
export interface ServeParts extends Pick<Context, 'env' | 'clock' | 'filesystem' | 'logger'> {
  readonly open: OpenMonitor;
  readonly version: string;
  readonly bind: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly token: string | undefined;
  /** Nothing is done to a session. */
  readonly readOnly: boolean;
  readonly tickMs: number;
  /** The rows that are given out, of all that are on the Board. */
  readonly listed: (board: Board) => Board;
  readonly streamLimits?: StreamLimits;
  /** A bug in an answer; the server stays up. */
  readonly onBug: (error: unknown) => void;
  /** A bug in the looks: there are no true answers any more. */
  readonly onFailed: (error: unknown) => void;
}

/** A serve that listens. */
export interface RunningServe {
  readonly port: number;
  readonly instance: string;
  /** Ends streams and idle connections, and gives running answers `graceMs` to end. */
  close(graceMs: number): Promise<void>;
}

const defaultStreamLimits: StreamLimits = { clients: 64, unreadBytes: 1024 * 1024 };
const mostCachedTodos = 500;
/** Of all clients together: forks are dear. */
const forkRate = { perSecond: 0.2, burst: 5 };

/**
 * Looks once, listens, and keeps the Board up to date for all clients: at the pace of the dashboard, whether anybody
 * asks or not. Rejects with what the socket says where it cannot listen.
 */
export async function startServe(parts: ServeParts): Promise<RunningServe> {
  const { open, clock, listed } = parts;
  const { monitor } = open;
  const events = new EventStream(parts.streamLimits ?? defaultStreamLimits);
  const shared = new SharedBoard(listed(await takeFirstBoard(monitor, clock.nowMs())), {
    todosOf: cachedTodos(open),
    origin: { host: sanitize(hostname()), machineId: ownMachineId(), version: parts.version },
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
    onAnswered: metrics.answered,
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

/** The routes that answer from this Board, its events and its metrics. */
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

/** Resolves once it listens; rejects with what the socket says. */
function listen(server: Server, { port, bind }: ServeParts): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, bind, () => resolve());
  });
}

/** Resolves once everybody was answered, or after the grace. */
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

/** Reads a session's todos where its row moved since they were last read. */
function cachedTodos({ details }: OpenMonitor): (session: Session) => readonly TodoItem[] | undefined {
  const cache = new LRUCache<
    string,
    { readonly movedAtMs: number | undefined; readonly todos: readonly TodoItem[] }
  >({ max: mostCachedTodos });
  return (session) => {
    const { id, todos, activeAtMs } = session;
    if (todos === undefined || todos.total === 0) {
      cache.delete(id);
      return todos && [];
    }
    const known = cache.get(id);
    if (known && known.movedAtMs === activeAtMs && known.todos.length === todos.total) return known.todos;
    const read = details.open(session)?.todos;
    if (read) cache.set(id, { movedAtMs: activeAtMs, todos: read });
    return read;
  };
}
