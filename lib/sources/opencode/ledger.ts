import type { TokenCount } from '../../domain/session/session.ts';
import { addTokens } from '../../domain/session/tokens.ts';
import { asNumber, type JsonObject, parseObject } from '../json.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { costOf, tokensOf } from './message-row.ts';
import type { MessageTable } from './session-tables.ts';
import type { StampedJson } from './sized-json.ts';

/** Sums over messages; `cost` is in US dollars, 0 if no message has one. */
export interface MessageSums {
  readonly messageCount: number;
  readonly tokens: TokenCount;
  readonly cost: number;
}

/** A token count of zero. */
export const noTokens: TokenCount = { input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0 };
/** The sums over no messages. */
export const noMessages: MessageSums = { messageCount: 0, tokens: noTokens, cost: 0 };

/**
 * The sums over one session's messages since a time, updated by reading only new messages. All but the newest messages
 * are *settled*: opencode writes a message's tokens when its step ends, and never again.
 */
export interface Ledger {
  /** Only messages created at or after this time count (epoch ms). */
  readonly sinceMs: number;
  /** The last settled message in the order (time_created, id). */
  readonly settledTo: { readonly createdAtMs: number; readonly id: string };
  readonly settled: MessageSums;
  /** The sums over settled and open messages; correct if `complete`. */
  readonly sums: MessageSums;
  readonly complete: boolean;
}

/**
 * The newest messages are open, and read again every time: the running one, the prompts queued after it, and a margin.
 */
const openMessageCount = 8;
/** A larger row is a user message (with diffs) or a failed step (with the response); neither has tokens. */
const maxTokenRowBytes = 32 * 1024;

/** An empty ledger of the messages created at or after `sinceMs` (epoch ms; 0 for all). */
export function openLedger(sinceMs: number): Ledger {
  return {
    sinceMs,
    settledTo: { createdAtMs: sinceMs, id: '' },
    settled: noMessages,
    sums: noMessages,
    complete: false,
  };
}

/**
 * Reads at most a hundred messages after the settled ones. Call it until `complete`, and after each change of the
 * session. `known.newest` saves reading messages, `known.expectedCount` saves counting them if the sums match it. If
 * the count in the database differs, messages were deleted, and the ledger restarts.
 */
export function advanceLedger(
  view: SnapshotView,
  table: MessageTable,
  sessionId: string,
  ledger: Ledger,
  known: { readonly newest?: NewestMessages | undefined; readonly expectedCount?: number | undefined } = {},
): Ledger {
  const rows = rowsAfter(ledger, known.newest) ?? readRowsAfter(view, table, sessionId, ledger);
  const complete = rows.length < batchSize;
  const settling = complete ? Math.max(0, rows.length - openMessageCount) : rows.length;
  const settled = rows.slice(0, settling).reduce(addRow, ledger.settled);
  const sums = rows.slice(settling).reduce(addRow, settled);
  const isRight = () =>
    sums.messageCount === known.expectedCount ||
    sums.messageCount === countSince(view, table, sessionId, ledger.sinceMs);
  if (complete && !isRight()) {
    if (ledger.settled === noMessages) return { ...ledger, sums, complete };
    return advanceLedger(view, table, sessionId, openLedger(ledger.sinceMs));
  }
  const last = rows[settling - 1];
  const settledTo = last === undefined ? ledger.settledTo : { createdAtMs: last.createdAtMs, id: last.id };
  return { sinceMs: ledger.sinceMs, settledTo, settled, sums, complete };
}

/** The newest messages of a session, newest first, already read by the caller. */
export interface NewestMessages {
  readonly rows: readonly StampedJson[];
  /** True if the session has no other messages. */
  readonly areAll: boolean;
}

/** A message that may have tokens. */
interface TokenRow {
  readonly id: string;
  readonly createdAtMs: number;
  readonly data: JsonObject | undefined;
}

/** The number of messages read at once. */
const batchSize = 100;

/** The messages after the settled ones, oldest first; undefined if the known messages do not reach back that far. */
function rowsAfter({ settledTo }: Ledger, newest: NewestMessages | undefined): TokenRow[] | undefined {
  if (newest === undefined) return undefined;
  const rows: TokenRow[] = [];
  for (const { id, createdAtMs, sizeBytes, data } of newest.rows) {
    if (createdAtMs === undefined) return undefined;
    const isSettled =
      createdAtMs < settledTo.createdAtMs || (createdAtMs === settledTo.createdAtMs && id <= settledTo.id);
    if (isSettled) return rows.reverse();
    rows.push({ id, createdAtMs, data: sizeBytes <= maxTokenRowBytes ? data : undefined });
  }
  return newest.areAll ? rows.reverse() : undefined;
}

function readRowsAfter(
  view: SnapshotView,
  table: MessageTable,
  sessionId: string,
  { settledTo }: Ledger,
): TokenRow[] {
  const rows = view.select(
    `select id, time_created, case when octet_length(data) <= ${maxTokenRowBytes} then data end as data from ${table}
      where session_id = ? ${onlyMessages[table]} and (time_created, id) > (?, ?) order by time_created, id limit ?`,
    [sessionId, settledTo.createdAtMs, settledTo.id, batchSize],
  );
  return rows.map(({ id, time_created, data }) => ({
    id: String(id),
    createdAtMs: Number(time_created),
    data: parseObject(data),
  }));
}

/** The number of a session's messages since a time (epoch ms). Walks the session's part of an index. */
export function countSince(
  view: SnapshotView,
  table: MessageTable,
  sessionId: string,
  sinceMs: number,
): number {
  const [row] = view.select(
    `select count(*) as n from ${table} where session_id = ? ${onlyMessages[table]} and time_created >= ?`,
    [sessionId, sinceMs],
  );
  return asNumber(row?.n) ?? 0;
}

/** The number of a session's messages, and of those since a time (epoch ms). */
export function countMessages(
  view: SnapshotView,
  table: MessageTable,
  sessionId: string,
  sinceMs: number,
): { readonly all: number; readonly since: number } {
  const [row] = view.select(
    `select count(*) as n, count(case when time_created >= ?2 then 1 end) as since from ${table} where session_id = ?1 ${onlyMessages[table]}`,
    [sessionId, sinceMs],
  );
  return { all: asNumber(row?.n) ?? 0, since: asNumber(row?.since) ?? 0 };
}

/** `session_message` has rows of other types between the messages. */
const onlyMessages: Readonly<Record<MessageTable, string>> = {
  message: '',
  session_message: "and type in ('user', 'assistant')",
};

function addRow(sums: MessageSums, { data }: TokenRow): MessageSums {
  return addSums(sums, { messageCount: 1, tokens: tokensOf(data) ?? noTokens, cost: costOf(data) ?? 0 });
}

/** Adds two sums; with `times` -1, subtracts the second from the first. */
export function addSums(one: MessageSums, two: MessageSums, times: 1 | -1 = 1): MessageSums {
  return {
    messageCount: one.messageCount + times * two.messageCount,
    tokens: addTokens(one.tokens, two.tokens, times),
    cost: one.cost + times * two.cost,
  };
}
