import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Totals } from '../../domain/session/session.ts';
import { tokenSum } from '../../domain/session/tokens.ts';
import type { SnapshotView } from '../sqlite/snapshot.ts';
import { DraftMap } from './draft-map.ts';
import {
  addSums,
  advanceLedger,
  countMessages,
  type Ledger,
  type MessageSums,
  type NewestMessages,
  noMessages,
  noTokens,
  openLedger,
} from './ledger.ts';
import type { SessionRow } from './session-row.ts';

/** The fields of a session's row that the totals need; `tokens` and `cost` are the row's sums, of 1.15 and newer. */
export type SummedRow = Pick<SessionRow, 'id' | 'table' | 'messages' | 'updatedAtMs' | 'tokens' | 'cost'>;

/** Facts about a session's messages that the caller has read already. */
export interface KnownOfMessages {
  /** The creation time of the newest message (epoch ms); 0 if there is none. */
  readonly newestMs: number | undefined;
  readonly messageCount: number | undefined;
  readonly newest?: NewestMessages | undefined;
  /** True if no message was deleted since the last `advance` of the session. */
  readonly noneLost: boolean;
}

/** The share of one session in the totals. */
interface Entry {
  readonly row: SummedRow;
  readonly messageCount: number;
  /** The ledger of all its messages, if its row has no sums. */
  readonly all: Ledger | undefined;
  /** The ledger of its messages of today, if there are any. */
  readonly today: Ledger | undefined;
}

/** The sum of all entries. */
interface Sums {
  readonly sessionCount: number;
  readonly sessionsToday: number;
  /** The number of sessions whose messages are summed. */
  readonly complete: number;
  readonly today: MessageSums;
  readonly allTime: MessageSums;
}

const noSums: Sums = {
  sessionCount: 0,
  sessionsToday: 0,
  complete: 0,
  today: noMessages,
  allTime: noMessages,
};

/**
 * Sums over all sessions of one database, subagents included. They are stored per session, so a change recomputes that
 * session only. *All time*: the existing sessions and messages, with the tokens and cost of the session rows (1.15 and
 * newer) or of the messages (older). *Today*: sessions updated since midnight, messages created since midnight, and the
 * tokens and cost of those messages.
 */
export class DatabaseTotals {
  readonly #entries = new DraftMap<string, Entry>();
  #sums = noSums;
  #dayStartMs = 0;
  #draftDayStartMs = 0;

  /** Sets the midnight of today (epoch ms). If it changed, drops all ledgers of today and returns true. */
  startDay(dayStartMs: number): boolean {
    this.#draftDayStartMs = dayStartMs;
    if (dayStartMs === this.#dayStartMs) return false;
    for (const [id, entry] of this.#entries.entries()) {
      if (entry.today !== undefined) this.#entries.set(id, { ...entry, today: undefined });
    }
    return true;
  }

  /** True if all messages of a session are summed. */
  isSummed(sessionId: string): boolean {
    const entry = this.#entries.get(sessionId);
    return entry !== undefined && isSummed(entry);
  }

  /** The row of a session at its last `advance`; undefined if it is not in the totals. */
  rowOf(sessionId: string): SummedRow | undefined {
    return this.#entries.get(sessionId)?.row;
  }

  /**
   * Adds or updates a session as a draft. `known` saves queries for facts that the caller has. A long session takes
   * several calls, until `isSummed`.
   */
  advance(view: SnapshotView, row: SummedRow, known: KnownOfMessages): void {
    const before = this.#entries.get(row.id);
    const added =
      known.noneLost && before !== undefined && known.messageCount !== undefined
        ? known.messageCount - before.messageCount
        : undefined;
    const advanced = (ledger: Ledger) => {
      const isCounted = added !== undefined && ledger.complete;
      const expectedCount = isCounted ? ledger.sums.messageCount + added : undefined;
      return advanceLedger(view, row.messages, row.id, ledger, { newest: known.newest, expectedCount });
    };
    const all = row.tokens === undefined ? advanced(before?.all ?? openLedger(0)) : undefined;
    const dayStartMs = this.#draftDayStartMs;
    let counts: ReturnType<typeof countMessages> | undefined;
    const counted = () => {
      counts ??= countMessages(view, row.messages, row.id, dayStartMs);
      return counts;
    };
    const isNewToday = () =>
      known.newestMs === undefined ? counted().since > 0 : known.newestMs >= dayStartMs;
    const isToday = before?.today !== undefined || isNewToday();
    const { id, table, messages, updatedAtMs, tokens, cost } = row;
    this.#entries.set(id, {
      row: omitUndefined({ id, table, messages, updatedAtMs, tokens, cost }),
      messageCount: all?.sums.messageCount ?? known.messageCount ?? counted().all,
      all,
      today: isToday ? advanced(before?.today ?? openLedger(dayStartMs)) : undefined,
    });
  }

  /** The sums over one session's messages, for rows without sums; undefined until all messages are summed. */
  sumsOf(sessionId: string): MessageSums | undefined {
    const all = this.#entries.get(sessionId)?.all;
    return all?.complete === true ? all.sums : undefined;
  }

  /** Removes a session as a draft. */
  remove(sessionId: string): void {
    this.#entries.delete(sessionId);
  }

  /** The committed sums; `complete` is the number of sessions whose messages are all in them. */
  sums(): { readonly today: Totals; readonly allTime: Totals; readonly complete: number } {
    const { sessionCount, sessionsToday, complete, today, allTime } = this.#sums;
    return { today: totalsOf(sessionsToday, today), allTime: totalsOf(sessionCount, allTime), complete };
  }

  /** Makes the drafts part of the sums: applies the differences, or sums all sessions again on a new day. */
  commit(): void {
    const isNewDay = this.#draftDayStartMs !== this.#dayStartMs;
    this.#dayStartMs = this.#draftDayStartMs;
    if (!isNewDay) {
      for (const [id, entry] of this.#entries.changes()) {
        this.#count(this.#entries.committed(id), -1);
        this.#count(entry, 1);
      }
    }
    this.#entries.commit();
    if (!isNewDay) return;
    this.#sums = noSums;
    for (const [, entry] of this.#entries.entries()) this.#count(entry, 1);
  }

  #count(entry: Entry | undefined, times: 1 | -1): void {
    if (entry === undefined) return;
    const { sessionCount, sessionsToday, complete, today, allTime } = this.#sums;
    this.#sums = {
      sessionCount: sessionCount + times,
      sessionsToday: sessionsToday + ((entry.row.updatedAtMs ?? 0) >= this.#dayStartMs ? times : 0),
      complete: complete + (isSummed(entry) ? times : 0),
      today: entry.today === undefined ? today : addSums(today, entry.today.sums, times),
      allTime: addSums(allTime, sumsOf(entry), times),
    };
  }

  /** Drops the drafts. */
  rollback(): void {
    this.#entries.rollback();
    this.#draftDayStartMs = this.#dayStartMs;
  }
}

function isSummed({ all, today }: Entry): boolean {
  return all?.complete !== false && today?.complete !== false;
}

function sumsOf(entry: Entry): MessageSums {
  const rollup = entry.row.tokens === undefined ? undefined : entry.row;
  const { tokens = noTokens, cost = 0 } = rollup ?? entry.all?.sums ?? {};
  return { messageCount: entry.messageCount, tokens, cost };
}

function totalsOf(sessionCount: number, sums: MessageSums): Totals {
  // Adding and subtracting floating-point numbers leaves rounding errors.
  const cost = Math.round(sums.cost * 1e9) / 1e9;
  const { messageCount, tokens } = sums;
  // opencode writes cost 0 for a model without a price, so tokens with cost 0 have an unknown cost.
  const isKnown = cost !== 0 || tokenSum(tokens) === 0;
  return { sessionCount, messageCount, tokens, ...(isKnown && { cost }) };
}
