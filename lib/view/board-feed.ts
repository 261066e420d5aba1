import type { Board, HostStatus, Trouble } from '../domain/board/board.ts';
import type { AliveLine, BoardLine, FeedLine, SummaryFields, SummaryLine } from '../domain/schema/events.ts';
import { type SessionEntry, sessionsSchemaVersion } from '../domain/schema/sessions.ts';
import type { Totals } from '../domain/session/session.ts';
import { sessionsJson, tokensEntry } from './sessions-json.ts';

/** The otop that writes the lines. The first line names it, for a reader on another machine. */
export interface FeedOrigin {
  readonly host: string;
  /** Distinguishes machines and users with the same host name. */
  readonly machineId: string;
  /** otop's version. */
  readonly version: string;
}

/** Writes Boards as lines, and remembers what it already wrote. */
export interface BoardFeed {
  /** Returns the lines for a new Board: all of it the first time, then only the changes. */
  next(board: Board): FeedLine[];
  /** Returns a heartbeat line with the figures that change all the time and cause no `changed` line. */
  alive(board: Board): FeedLine;
}

/**
 * Makes a feed that turns Boards into lines. A row is written again if any field changed, except ages, token rate,
 * CPU and memory: those come with the next `alive` line.
 */
export function boardFeed(origin: FeedOrigin): BoardFeed {
  let reported: ReadonlyMap<string, string> | undefined;
  let reportedSummary = '';
  return {
    next(board) {
      const rows = sessionsJson(board);
      const before = reported;
      const now = new Map(rows.map((row) => [row.key, rowFingerprint(row)]));
      const summary = JSON.stringify(summaryOf(board));
      const isNewSummary = summary !== reportedSummary;
      reported = now;
      reportedSummary = summary;
      if (before === undefined) return [boardLine(origin, board, rows)];
      const gone = [...before.keys()].filter((key) => !now.has(key));
      const changed = rows.filter(({ key }) => before.get(key) !== now.get(key));
      return [
        ...gone.map((key) => ({ type: 'removed' as const, at_ms: board.atMs, key })),
        ...changed.map((row) => ({ type: 'changed' as const, at_ms: board.atMs, row })),
        ...(isNewSummary ? [summaryLine(board)] : []),
      ];
    },
    alive: aliveLine,
  };
}

/** A row as text, without the figures that change all the time. */
function rowFingerprint(row: SessionEntry): string {
  const { cpu_percent: _cpu, mem_mb: _memory, uptime_ms: _uptime, session, ...rest } = row;
  if (session === null) return JSON.stringify(rest);
  const { round_ms: _round, tokens_per_minute: _rate, ...stable } = session;
  return JSON.stringify({ ...rest, session: stable });
}

function boardLine(origin: FeedOrigin, board: Board, rows: SessionEntry[]): BoardLine {
  return {
    type: 'board',
    schema_version: sessionsSchemaVersion,
    otop_version: origin.version,
    host: origin.host,
    machine_id: origin.machineId,
    demo: board.demo,
    at_ms: board.atMs,
    ...summaryOf(board),
    tokens_per_minute: board.tokensPerMinute.map(Math.round),
    rows,
  };
}

function summaryLine(board: Board): SummaryLine {
  return { type: 'summary', at_ms: board.atMs, ...summaryOf(board) };
}

function aliveLine(board: Board): AliveLine {
  return {
    type: 'alive',
    at_ms: board.atMs,
    tokens_per_minute: board.tokensPerMinute.map(Math.round),
    rows: sessionsJson(board).map(({ key, cpu_percent, mem_mb, uptime_ms, session }) => ({
      key,
      cpu_percent,
      mem_mb,
      uptime_ms,
      tokens_per_minute: session?.tokens_per_minute ?? null,
    })),
  };
}

/** Encodes the facts about a Board as a whole: counts, sums, troubles, hosts. */
export function summaryOf(board: Board): SummaryFields {
  return {
    counts: board.counts,
    needs_you_count: board.needsYouCount,
    unread_count: board.unreadCount,
    today: totalsEntry(board.today),
    all_time: totalsEntry(board.allTime),
    totals_progress: board.totalsProgress ?? null,
    troubles: board.troubles.map(troubleEntry),
    hosts: board.hosts.map(hostEntry),
  };
}

function totalsEntry(totals: Totals | undefined): SummaryFields['today'] {
  if (totals === undefined) return null;
  return {
    session_count: totals.sessionCount,
    message_count: totals.messageCount,
    tokens: tokensEntry(totals.tokens),
    cost: totals.cost ?? null,
  };
}

function troubleEntry({ source, text, staleSinceMs }: Trouble): SummaryFields['troubles'][number] {
  return { source, text, stale_since_ms: staleSinceMs ?? null };
}

function hostEntry({ name, kind, link, heardAtMs, why }: HostStatus): SummaryFields['hosts'][number] {
  return { name, kind, link, heard_at_ms: heardAtMs ?? null, why: why ?? null };
}
