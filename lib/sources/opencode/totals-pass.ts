import type { Totals } from '../../domain/session/session.ts';
import { touchesMessages } from './changed-sessions.ts';
import { windowLength } from './conversation.ts';
import type { MessageSums, NewestMessages } from './ledger.ts';
import type { Look } from './look.ts';
import type { SessionIndex } from './session-index.ts';
import { readSessionRow } from './session-row.ts';
import { DatabaseTotals, type SummedRow } from './totals.ts';
import type { TrackedSession } from './tracked-session.ts';
import type { Wanted } from './wanted-sessions.ts';

/** The sessions still to be summed: first the started ones, then those of `order` from `next` on. */
interface Remaining {
  readonly order: readonly string[];
  readonly next: number;
  readonly started: readonly string[];
}

/** If no look has time left for the pass, every fourth takes a step of it anyway; else the pass would never end. */
const starvedLooksPerStep = 4;

/**
 * Fills the totals session by session, in slices. Changed sessions are summed at once, during the pass and after it. If
 * all sessions may have changed, the pass restarts in the background, and recently active sessions are summed at once.
 */
export class TotalsPass {
  readonly #totals = new DatabaseTotals();
  /** Undefined until the index knows all sessions. */
  #remaining: Remaining | undefined;
  #draftRemaining: Remaining | undefined;
  #sessionCount = 0;
  #draftSessionCount = 0;
  /**
   * True until the pass has visited every session: for the sums of today after midnight or a change of the clock, and
   * for changes that written pages do not show.
   */
  #isPartial = true;
  #draftIsPartial = true;
  /** The number of consecutive looks without time for the pass. */
  #starvedLooks = 0;
  #draftStarvedLooks = 0;

  /** True if every session is in the totals and up to date. */
  get isDone(): boolean {
    return this.#remaining !== undefined && isEmpty(this.#remaining);
  }

  /** Sums the changed sessions, and a slice of the remaining ones, as drafts. */
  follow(look: Look, index: SessionIndex, wanted: Wanted, dayStartMs: number): void {
    const { changed, budget, request } = look;
    const isNewDay = this.#totals.startDay(dayStartMs);
    this.#draftIsPartial = isNewDay || changed === 'all' || this.#isPartial;
    const written = new Set<string>();
    const started: string[] = [];
    for (const id of this.#written(look, wanted)) {
      if (this.#canWait(look, id)) continue;
      written.add(id);
      if (!this.#addSession(look, index, wanted, id, 'reread')) started.push(id);
    }
    const shrunk = this.#remaining === undefined ? [] : [...look.shrunk].filter((id) => !written.has(id));
    started.push(...shrunk.filter((id) => !this.#addSession(look, index, wanted, id, 'cached')));
    const restarts = this.#remaining === undefined || changed === 'all' || isNewDay;
    const pending = restarts ? allOf(index) : this.#remaining;
    for (const id of index.heads.removed()) this.#totals.remove(id);
    this.#draftSessionCount = index.heads.size;
    this.#draftRemaining = undefined;
    if (pending === undefined) return;
    started.push(...pending.started.filter((id) => !written.has(id) && !look.shrunk.has(id)));
    let { order, next } = pending;
    this.#draftStarvedLooks = budget.elapsedMs() > budget.passesMs ? this.#starvedLooks + 1 : 0;
    if (!request.sums || this.#draftStarvedLooks % starvedLooksPerStep > 0) {
      this.#draftRemaining = { ...pending, started };
      return;
    }
    do {
      const again = started.pop();
      const id = again ?? order[next++];
      const row = again === undefined ? 'reread' : 'cached';
      if (id !== undefined && !this.#addSession(look, index, wanted, id, row)) started.push(id);
    } while (!isEmpty({ order, next, started }) && budget.elapsedMs() < budget.passesMs);
    this.#draftRemaining = { order, next, started };
    if (isEmpty(this.#draftRemaining)) this.#draftIsPartial = false;
  }

  /** The totals, and the share of the sessions that they hold, 0 to 1. */
  sums(): { readonly today: Totals; readonly allTime: Totals; readonly progress: number } {
    const { today, allTime, complete } = this.#totals.sums();
    if (this.isDone) return { today, allTime, progress: 1 };
    const summed = complete / Math.max(1, this.#sessionCount);
    const visited = this.#isPartial ? Math.min(0.99, visitedFraction(this.#remaining)) : 1;
    return { today, allTime, progress: Math.min(summed, visited) };
  }

  /** The sums over a session's messages, for rows without sums; undefined until all messages are summed. */
  sumsOf(sessionId: string): MessageSums | undefined {
    return this.#totals.sumsOf(sessionId);
  }

  /** Makes the drafts part of the totals. */
  commit(): void {
    this.#totals.commit();
    this.#remaining = this.#draftRemaining;
    this.#isPartial = this.#draftIsPartial;
    this.#sessionCount = this.#draftSessionCount;
    this.#starvedLooks = this.#draftStarvedLooks;
  }

  /** Drops the drafts of the totals. The drafts of the pass itself are set again by the next `follow`. */
  rollback(): void {
    this.#totals.rollback();
  }

  /**
   * The sessions to sum at once. Before the pass starts there are none, to keep the first look short, except the
   * tracked sessions whose rows have no sums, since their tokens come from here.
   */
  #written(look: Look, wanted: Wanted): ReadonlySet<string> {
    const { changed, request } = look;
    const { fresh, tracked } = wanted;
    const lacksTokens = (id: string) => request.sums && tracked.get(id)?.row.tokens === undefined;
    const lacking = [...tracked.keys()].filter((id) => lacksTokens(id) && !this.#totals.isSummed(id));
    if (this.#remaining === undefined) return new Set([...[...fresh].filter(lacksTokens), ...lacking]);
    const written = changed === 'all' ? [] : changed.sessions.keys();
    const ids = [...fresh, ...written].filter((id) => !this.#isAsBefore(look, wanted, id));
    return new Set([...ids, ...lacking]);
  }

  /**
   * True if a change leaves a summed session's totals as they are: only parts or todos changed, and the row's sums did
   * not.
   */
  #isAsBefore({ changed, shrunk }: Look, { tracked }: Wanted, id: string): boolean {
    const change = changed === 'all' || shrunk.has(id) ? undefined : changed.sessions.get(id);
    if (changed === 'all' || change === undefined || change.row || touchesMessages(change)) return false;
    if (!this.#totals.isSummed(id)) return false;
    const [row, summed] = [tracked.get(id)?.row, this.#totals.rowOf(id)];
    if (row === undefined) return !changed.overflowWritten;
    return (
      row.tokens === summed?.tokens && row.cost === summed?.cost && row.updatedAtMs === summed?.updatedAtMs
    );
  }

  /** True if a late look can leave a session to the pass, because no commit wrote it. */
  #canWait({ changed, budget }: Look, id: string): boolean {
    if (changed === 'all' || changed.sessions.has(id)) return false;
    return !this.isDone && !this.#totals.isSummed(id) && budget.elapsedMs() > budget.passesMs;
  }

  /** Sums one session, with its row reread or cached. Returns false if it has more messages than one step reads. */
  #addSession(
    look: Look,
    index: SessionIndex,
    wanted: Wanted,
    id: string,
    row: 'reread' | 'cached',
  ): boolean {
    const { view } = look;
    const fresh = wanted.fresh.has(id) ? wanted.tracked.get(id) : undefined;
    const addSession = () => {
      const known = row === 'cached' ? this.#totals.rowOf(id) : undefined;
      const now = fresh?.row ?? known ?? readHeadRow(look, index, id);
      if (now === undefined) {
        this.#totals.remove(id);
        return true;
      }
      const newestMs = index.heads.get(id)?.recentMs;
      const messageCount = fresh?.conversation.facts.messageCount;
      const newest = fresh === undefined ? undefined : newestOf(fresh);
      const noneLost = isWhole(look, id);
      this.#totals.advance(view, now, { newestMs, messageCount, newest, noneLost });
      return this.#totals.isSummed(id);
    };
    // A damaged session adds nothing to the totals. If it is shown, the Board names it.
    return index.orIfDamaged(addSession, true);
  }
}

/** True if commits deleted nothing from a session since the last look. */
function isWhole({ changed, shrunk }: Look, id: string): boolean {
  return changed !== 'all' && changed.sessions.get(id)?.lost !== true && !shrunk.has(id);
}

/** The newest messages of a session, as just read; undefined if there is no window of them. */
function newestOf({ conversation: { memory } }: TrackedSession): NewestMessages | undefined {
  return memory.window && { rows: memory.window, areAll: memory.window.length < windowLength };
}

function readHeadRow({ view, schemaVersion }: Look, index: SessionIndex, id: string): SummedRow | undefined {
  const head = index.heads.get(id);
  return head === undefined ? undefined : readSessionRow(view, schemaVersion, head.table, id);
}

/** All sessions; undefined until the index knows all of them. */
function allOf(index: SessionIndex): Remaining | undefined {
  if (index.pending) return undefined;
  return { order: index.heads.ids(), next: 0, started: [] };
}

/** The share of the sessions that the pass has visited, 0 to 1; 1 before the pass starts. */
function visitedFraction(remaining: Remaining | undefined): number {
  if (remaining === undefined || remaining.order.length === 0) return 1;
  return Math.min(remaining.next, remaining.order.length) / remaining.order.length;
}

function isEmpty({ order, next, started }: Remaining): boolean {
  return next >= order.length && started.length === 0;
}
