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

/** The sessions still to be taken in: those of `order` from `next` on; and before them those begun. */
interface Remaining {
  readonly order: readonly string[];
  readonly next: number;
  readonly started: readonly string[];
}

/** Where looks have no time left for the pass, every so many of them take a step of it nevertheless: else it would never end. */
const starvedLooksPerStep = 4;

/**
 * Fills the totals session by session, in slices; what changes meanwhile and afterwards is taken in at
 * once. After a change that cannot be told from pages (`all`), every session is looked at again in the background, while
 * the recently active ones are right at once.
 */
export class TotalsPass {
  readonly #totals = new DatabaseTotals();
  /** Absent until the index knows all sessions. */
  #remaining: Remaining | undefined;
  #draftRemaining: Remaining | undefined;
  #sessionCount = 0;
  #draftSessionCount = 0;
  /**
   * True until every session was asked: what of it is today's, after midnight or when the clock was set; and whether it is as
   * it was, after a change that could not be told from pages.
   */
  #isPartial = true;
  #draftIsPartial = true;
  /** Looks in a row that had no time for the pass. */
  #starvedLooks = 0;
  #draftStarvedLooks = 0;

  /** True once every session is in the totals, as it is now. */
  get isDone(): boolean {
    return this.#remaining !== undefined && isEmpty(this.#remaining);
  }

  /** Takes in what changed, and a slice of what is left. */
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

  /** The totals, and which part of the sessions they hold, 0 to 1. */
  sums(): { readonly today: Totals; readonly allTime: Totals; readonly progress: number } {
    const { today, allTime, complete } = this.#totals.sums();
    if (this.isDone) return { today, allTime, progress: 1 };
    const part = complete / Math.max(1, this.#sessionCount);
    const asked = this.#isPartial ? Math.min(0.99, visitedFraction(this.#remaining)) : 1;
    return { today, allTime, progress: Math.min(part, asked) };
  }

  /** A session's tokens and cost by its messages, for rows without rollups; absent until all were summed. */
  sumsOf(sessionId: string): MessageSums | undefined {
    return this.#totals.sumsOf(sessionId);
  }

  commit(): void {
    this.#totals.commit();
    this.#remaining = this.#draftRemaining;
    this.#isPartial = this.#draftIsPartial;
    this.#sessionCount = this.#draftSessionCount;
    this.#starvedLooks = this.#draftStarvedLooks;
  }

  rollback(): void {
    this.#totals.rollback();
  }

  /**
   * The sessions that must be right at once. Before the pass began none is, but for the tokens of those that are shown
   * where the session rows have no sums of their own: a first look has better things to do.
   */
  #written(look: Look, wanted: Wanted): ReadonlySet<string> {
    const { changed, schemaVersion, request } = look;
    const { fresh, tracked } = wanted;
    const bringsTokens = request.sums && !schemaVersion.hasRollups;
    const lacking = bringsTokens ? [...tracked.keys()].filter((id) => !this.#totals.isSummed(id)) : [];
    if (this.#remaining === undefined) return new Set(bringsTokens ? [...fresh, ...lacking] : []);
    const written = changed === 'all' ? [] : changed.sessions.keys();
    const ids = [...fresh, ...written].filter((id) => !this.#isAsBefore(look, wanted, id));
    return new Set([...ids, ...lacking]);
  }

  /** Parts and todos add nothing to a session that is in the totals, unless its row was read again. */
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

  /** What no commit wrote and the pass still comes to need not be taken in by a look that has no time left. */
  #canWait({ changed, budget }: Look, id: string): boolean {
    if (changed === 'all' || changed.sessions.has(id)) return false;
    return !this.isDone && !this.#totals.isSummed(id) && budget.elapsedMs() > budget.passesMs;
  }

  /** Takes in one session, its row read anew or as it was last; false where it has more messages than one step reads. */
  #addSession(
    look: Look,
    index: SessionIndex,
    wanted: Wanted,
    id: string,
    row: 'reread' | 'cached',
  ): boolean {
    const { view, schemaVersion } = look;
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
      this.#totals.advance(view, schemaVersion, now, { newestMs, messageCount, newest, noneLost });
      return this.#totals.isSummed(id);
    };
    // A damaged session adds nothing to the totals; the Board says which it is where it is shown.
    return index.orIfDamaged(addSession, true);
  }
}

/** True where commits took nothing from a session since the last look. */
function isWhole({ changed, shrunk }: Look, id: string): boolean {
  return changed !== 'all' && changed.sessions.get(id)?.lost !== true && !shrunk.has(id);
}

/** What was read of a session's messages just now. */
function newestOf({ conversation: { memory } }: TrackedSession): NewestMessages | undefined {
  return memory.window && { rows: memory.window, areAll: memory.window.length < windowLength };
}

function readHeadRow({ view, schemaVersion }: Look, index: SessionIndex, id: string): SummedRow | undefined {
  const head = index.heads.get(id);
  return head === undefined ? undefined : readSessionRow(view, schemaVersion, head.table, id);
}

/** All sessions; `undefined` until the index has come to all of them. */
function allOf(index: SessionIndex): Remaining | undefined {
  if (index.pending) return undefined;
  return { order: index.heads.ids(), next: 0, started: [] };
}

/** 0 to 1; 1 before a pass began, which no session was left out of yet. */
function visitedFraction(left: Remaining | undefined): number {
  if (left === undefined || left.order.length === 0) return 1;
  return Math.min(left.next, left.order.length) / left.order.length;
}

function isEmpty({ order, next, started }: Remaining): boolean {
  return next >= order.length && started.length === 0;
}
