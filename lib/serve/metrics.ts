import { Counter, Gauge, Registry } from 'prom-client';
import type { Board } from '../domain/board/board.ts';
import { processKinds } from '../domain/process/process.ts';
import type { Totals } from '../domain/session/session.ts';
import type { OwnUse } from '../view/frame-input.ts';

/** The values that a scrape reads. */
export interface MetricsParts {
  readonly version: string;
  readonly board: () => Board;
  readonly nowMs: () => number;
  readonly ownUse: () => OwnUse;
  /** The processor time of otop itself so far, in microseconds. */
  readonly cpuMicros: () => number;
  readonly eventClients: () => number;
}

/** The Prometheus metrics of `otop serve`. */
export interface Metrics {
  readonly contentType: string;
  /** Resolves with the metrics in the text exposition format. */
  text(): Promise<string>;
  /** Counts a response. `path` is undefined if no route matched. */
  countResponse(path: string | undefined, status: number): void;
  /** Adds the time since the last Board to the waiting time of the sessions that waited on it. */
  observe(board: Board): void;
}

/** A longer step means that the machine slept, which is no waiting time. */
const maxStepMs = 60_000;

/**
 * Opens the metrics; each scrape reads the newest Board. An unknown value has no sample, because 0 would be false. Sums
 * over the database are gauges, because a deleted session lowers them.
 */
export function openMetrics(parts: MetricsParts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'otop_http_requests_total',
    help: 'Requests answered by otop serve',
    labelNames: ['path', 'status'],
    registers,
  });
  const waited = new Counter({
    name: 'otop_waiting_seconds_total',
    help: 'Seconds that sessions waited for a person while otop serve ran, summed over sessions',
    registers,
  });
  new Counter({
    name: 'otop_process_cpu_seconds_total',
    help: 'Processor time of otop serve itself',
    registers,
    collect() {
      this.reset();
      this.inc(parts.cpuMicros() / 1e6);
    },
  });
  boardGauges(registers, parts);
  ownGauges(registers, parts);
  let last = parts.board();
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    countResponse: (path, status) => requests.inc({ path: path ?? 'none', status: String(status) }),
    observe(board) {
      const stepMs = Math.min(maxStepMs, Math.max(0, board.atMs - last.atMs));
      waited.inc((last.needsYouCount * stepMs) / 1000);
      last = board;
    },
  };
}

function boardGauges(registers: Registry[], { board, nowMs }: MetricsParts): void {
  gauge(registers, 'otop_sessions', 'Sessions on the board by state', ['state'], (set) => {
    for (const [state, count] of Object.entries(board().counts)) set(count, { state });
  });
  gauge(registers, 'otop_sessions_needing_you', 'Sessions that need a person', [], (set) =>
    set(board().needsYouCount),
  );
  gauge(
    registers,
    'otop_sessions_unread',
    'Sessions whose turn ended and that you have not viewed',
    [],
    (set) => set(board().unreadCount),
  );
  gauge(
    registers,
    'otop_waiting_seconds',
    'How long the session that waits longest for a person has waited, by state; no sample if none waits',
    ['state'],
    (set) => {
      for (const { state } of [...board().rows].sort(byWaiting).filter(({ state }) => state.needsYou)) {
        if (state.sinceMs !== undefined)
          set(Math.max(0, nowMs() - state.sinceMs) / 1000, { state: state.name });
      }
    },
  );
  gauge(registers, 'otop_tokens_per_minute', 'Tokens newly processed in the last full minute', [], (set) => {
    const minutes = board().tokensPerMinute;
    const lastFull = minutes[minutes.length - 2];
    if (lastFull !== undefined) set(lastFull);
  });
  totalsGauges(registers, board);
  gauge(registers, 'otop_opencode_processes', 'Running opencode processes by kind', ['kind'], (set) => {
    for (const kind of processKinds)
      set(processesOf(board()).filter((each) => each.kind === kind).length, { kind });
  });
  gauge(registers, 'otop_opencode_resident_memory_bytes', 'Memory of all opencode processes', [], (set) =>
    set(processesOf(board()).reduce((sum, { rssBytes }) => sum + (rssBytes ?? 0), 0)),
  );
  gauge(registers, 'otop_troubles', 'Sources that could not deliver', ['source'], (set) => {
    const sources = board().troubles.map(({ source }) => source);
    for (const source of sources) set(sources.filter((other) => other === source).length, { source });
  });
  gauge(registers, 'otop_board_age_seconds', 'Time since the board was built', [], (set) =>
    set(Math.max(0, nowMs() - board().atMs) / 1000),
  );
}

function totalsGauges(registers: Registry[], board: () => Board): void {
  // Sums that are still being read would look like growth.
  const spans = (): readonly (readonly [string, Totals | undefined])[] =>
    board().totalsProgress === undefined
      ? [
          ['today', board().today],
          ['all', board().allTime],
        ]
      : [];
  gauge(registers, 'otop_tokens', 'Tokens of all sessions in the database', ['kind', 'span'], (set) => {
    for (const [span, totals] of spans()) {
      if (!totals) continue;
      const { input, output, reasoning, cacheRead, cacheWrite } = totals.tokens;
      const kinds = { input, output, reasoning, cache_read: cacheRead, cache_write: cacheWrite };
      for (const [kind, count] of Object.entries(kinds)) set(count, { kind, span });
    }
  });
  gauge(
    registers,
    'otop_cost_dollars',
    'US dollars of all sessions, as far as prices are known',
    ['span'],
    (set) => {
      for (const [span, totals] of spans()) if (totals?.cost !== undefined) set(totals.cost, { span });
    },
  );
  gauge(registers, 'otop_database_sessions', 'Sessions in the database', ['span'], (set) => {
    for (const [span, totals] of spans()) if (totals) set(totals.sessionCount, { span });
  });
  gauge(registers, 'otop_database_messages', 'Messages in the database', ['span'], (set) => {
    for (const [span, totals] of spans()) if (totals) set(totals.messageCount, { span });
  });
}

function ownGauges(registers: Registry[], { ownUse, eventClients, version }: MetricsParts): void {
  gauge(registers, 'otop_info', 'The version of otop serve', ['version'], (set) => set(1, { version }));
  gauge(registers, 'otop_process_resident_memory_bytes', 'Memory of otop serve itself', [], (set) => {
    const { rssBytes } = ownUse();
    if (rssBytes !== undefined) set(rssBytes);
  });
  gauge(registers, 'otop_board_seconds', 'Time that the last Board took to reach its readers', [], (set) => {
    const { frameMs } = ownUse();
    if (frameMs !== undefined) set(frameMs / 1000);
  });
  gauge(registers, 'otop_event_clients', 'Readers of /events', [], (set) => set(eventClients()));
}

type Set = (value: number, labels?: Readonly<Record<string, string>>) => void;

/** Registers a gauge. Each scrape drops its samples and calls `fill` to set new ones. */
function gauge(
  registers: Registry[],
  name: string,
  help: string,
  labelNames: readonly string[],
  fill: (set: Set) => void,
): void {
  new Gauge({
    name,
    help,
    labelNames,
    registers,
    collect() {
      this.reset();
      if (labelNames.length === 0) this.remove();
      fill((value, labels) => this.set(labels ?? {}, value));
    },
  });
}

function byWaiting(one: Board['rows'][number], other: Board['rows'][number]): number {
  // The longest waiting comes last, because a later sample overwrites an earlier one.
  return (other.state.sinceMs ?? 0) - (one.state.sinceMs ?? 0);
}

/** Returns each process once, because a server has several rows. */
function processesOf({ rows }: Board) {
  return [...new Map(rows.flatMap(({ process }) => (process ? [[process.pid, process]] : []))).values()];
}
