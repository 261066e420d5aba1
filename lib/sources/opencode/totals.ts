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
import type { SchemaVersion } from './schema-version.ts';
import type { SessionRow } from './session-row.ts';

/** As much of a session's row as the totals need: its rollups, of 1.15 and newer, and its time. */
export type SummedRow = Pick<SessionRow, 'id' | 'table' | 'updatedAtMs' | 'tokens' | 'cost'>;

/** What is known of a session's messages. */
export interface KnownOfMessages {
  /** When the newest was created. */
  readonly newestMs: number | undefined;
  readonly messageCount: number | undefined;
  readonly newest?: NewestMessages | undefined;
  /** None is gone since the session was taken in last. */
  readonly noneLost: boolean;
}

/** What one session adds to the totals. */
interface Entry {
  readonly row: SummedRow;
  readonly messageCount: number;
  /** All its messages, where the row has no rollups. */
  readonly all: Ledger | undefined;
  /** Its messages of today, where it has any. */
  readonly today: Ledger | undefined;
}

/** What all entries together add up to. */
interface Sums {
  readonly sessionCount: number;
  readonly sessionsToday: number;
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
 * Sums over all sessions of one database, subagents' included, kept per session so that a change costs that session only.
 * *All time*: sessions and messages that exist now, with the tokens and cost of the session rows (1.15 and newer) or of
 * the messages (before). *Today*: sessions updated since midnight, messages created since midnight, and the tokens and
 * cost of those messages.
 */
export class DatabaseTotals {
  readonly #entries = new DraftMap<string, Entry>();
  #sums = noSums;
  #dayStartMs = 0;
  #draftDayStartMs = 0;

  /** Sets the midnight that today begins at. Gives true, and forgets what was today, where it is another than before. */
  startDay(dayStartMs: number): boolean {
    this.#draftDayStartMs = dayStartMs;
    if (dayStartMs === this.#dayStartMs) return false;
    for (const [id, entry] of this.#entries.entries()) {
      if (entry.today !== undefined) this.#entries.set(id, { ...entry, today: undefined });
    }
    return true;
  }

  /** True once nothing of a session's messages is left to be summed. */
  isSummed(sessionId: string): boolean {
    const entry = this.#entries.get(sessionId);
    return entry !== undefined && isSummed(entry);
  }

  /** The row of a session as it was taken in last. */
  rowOf(sessionId: string): SummedRow | undefined {
    return this.#entries.get(sessionId)?.row;
  }

  /**
   * Takes in what a session's row and messages say now; `known` spares asking for what somebody asked for already. Long
   * sessions take several calls, until `isSummed`.
   */
  advance(view: SnapshotView, schemaVersion: SchemaVersion, row: SummedRow, known: KnownOfMessages): void {
    const before = this.#entries.get(row.id);
    const needsAll = row.table === 'session' && !schemaVersion.hasRollups;
    const added =
      known.noneLost && before !== undefined && known.messageCount !== undefined
        ? known.messageCount - before.messageCount
        : undefined;
    const advanced = (ledger: Ledger) => {
      const isCounted = added !== undefined && ledger.complete;
      const expectedCount = isCounted ? ledger.sums.messageCount + added : undefined;
      return advanceLedger(view, row.table, row.id, ledger, { newest: known.newest, expectedCount });
    };
    const all = needsAll ? advanced(before?.all ?? openLedger(0)) : undefined;
    const dayStartMs = this.#draftDayStartMs;
    let counts: ReturnType<typeof countMessages> | undefined;
    const counted = () => {
      counts ??= countMessages(view, row.table, row.id, dayStartMs);
      return counts;
    };
    const isNewToday = () =>
      known.newestMs === undefined ? counted().since > 0 : known.newestMs >= dayStartMs;
    const isToday = before?.today !== undefined || isNewToday();
    const { id, table, updatedAtMs, tokens, cost } = row;
    this.#entries.set(id, {
      row: omitUndefined({ id, table, updatedAtMs, tokens, cost }),
      messageCount: all?.sums.messageCount ?? known.messageCount ?? counted().all,
      all,
      today: isToday ? advanced(before?.today ?? openLedger(dayStartMs)) : undefined,
    });
  }

  /** The tokens and cost of one session by its messages, once all were summed: for rows without rollups. */
  sumsOf(sessionId: string): MessageSums | undefined {
    const all = this.#entries.get(sessionId)?.all;
    return all?.complete === true ? all.sums : undefined;
  }

  remove(sessionId: string): void {
    this.#entries.delete(sessionId);
  }

  /** The sums of everything taken in and kept, and how many sessions are in them whole. */
  sums(): { readonly today: Totals; readonly allTime: Totals; readonly complete: number } {
    const { sessionCount, sessionsToday, complete, today, allTime } = this.#sums;
    return { today: totalsOf(sessionsToday, today), allTime: totalsOf(sessionCount, allTime), complete };
  }

  /** Makes the changes part of the sums: by their differences, or of all sessions where the day is another. */
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
  // Adding and taking away leaves traces in the last of a number's sixteen digits.
  const cost = Math.round(sums.cost * 1e9) / 1e9;
  const { messageCount, tokens } = sums;
  // opencode writes 0 where it knows no price: tokens that cost nothing at all are tokens without one.
  const isKnown = cost !== 0 || tokenSum(tokens) === 0;
  return { sessionCount, messageCount, tokens, ...(isKnown && { cost }) };
}
