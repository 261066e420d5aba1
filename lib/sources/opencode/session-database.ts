import type { SessionRequest } from '../../domain/board/readings.ts';
import type { Session, Totals } from '../../domain/session/session.ts';
import { SnapshotError, type SnapshotProblem } from '../sqlite/problem.ts';
import type { DatabaseReader, SnapshotView } from '../sqlite/snapshot.ts';
import { type ChangedSessions, changedSessions, maybeEmptied } from './changed-sessions.ts';
import { type Budget, followChanges, type Look } from './look.ts';
import { RowFingerprints } from './row-fingerprints.ts';
import { readSchemaVersion, type SchemaVersion } from './schema-version.ts';
import { SessionIndex } from './session-index.ts';
import { TotalsPass } from './totals-pass.ts';
import { sessionOf } from './tracked-session.ts';
import { readWanted, type TrackingState, type Wanted } from './wanted-sessions.ts';

/** The sessions and totals of one database, as of its last successful read. */
export interface DatabaseReading {
  readonly sessions: ReadonlyMap<string, Session>;
  readonly today?: Totals;
  readonly allTime?: Totals;
  /** The share of the sessions that are in the totals, 0 to 1. */
  readonly totalsProgress: number;
  /** True if there was no time to read all wanted or changed sessions; the next refresh continues. */
  readonly partial: boolean;
  /** Why the last read failed; the other fields are then from the last successful read. */
  readonly problem?: SnapshotProblem;
  /** The ids of sessions whose rows are damaged. */
  readonly damaged: readonly string[];
  /** True if damaged pages hide sessions, or parts of the totals. */
  readonly isDamaged: boolean;
}

/** The request to one database, with its time limits. */
interface DatabaseRequest {
  readonly request: SessionRequest;
  readonly nowMs: number;
  /** The midnight at which today began (epoch ms). */
  readonly dayStartMs: number;
  readonly budget: Budget;
}

type LookResult =
  | { readonly kind: 'unknown'; readonly found: string }
  | { readonly kind: 'look'; readonly look: Look; readonly wanted: Wanted };

/**
 * The sessions of one database. Each refresh reads the sessions that commits touched since the last one, the newly
 * wanted sessions, and a slice of the passes that fill the index and the totals.
 */
export class SessionDatabase {
  readonly #reader: DatabaseReader;
  readonly #index = new SessionIndex();
  readonly #totals = new TotalsPass();
  readonly #fingerprints = new RowFingerprints();
  #schemaVersion: { readonly cookie: number; readonly schemaVersion: SchemaVersion } | undefined;
  #tracking: TrackingState = { tracked: new Map(), stale: new Set(), damaged: new Set() };
  #request: SessionRequest | undefined;
  #dayStartMs = 0;
  /** True if the reader moved past changes that were not processed; then all sessions may have changed. */
  #missedChanges = false;
  #reading: DatabaseReading = {
    sessions: new Map(),
    totalsProgress: 0,
    partial: true,
    damaged: [],
    isDamaged: false,
  };

  constructor(reader: DatabaseReader) {
    this.#reader = reader;
  }

  /** The path of the database file. */
  get path(): string {
    return this.#reader.path;
  }

  /** Reads what changed since the last refresh. Never throws for the state of the files: failures are in `problem`. */
  refresh(databaseRequest: DatabaseRequest): DatabaseReading {
    const { request, dayStartMs } = databaseRequest;
    const isSameRequest = this.#request !== undefined && requestsSameSessions(request, this.#request);
    const force = !isSameRequest || dayStartMs !== this.#dayStartMs || this.#isUnfinished;
    const outcome = this.#reader.read((view) => this.#look(view, databaseRequest), { force });
    if (outcome.kind === 'unchanged') return this.#reading;
    if (outcome.kind === 'failed') {
      this.#fail(outcome.reason);
    } else if (outcome.value.kind === 'unknown') {
      this.#missedChanges = true;
      this.#fail(new SnapshotError('schema', outcome.value.found).problem);
    } else {
      this.#request = request;
      this.#dayStartMs = dayStartMs;
      this.#accept(outcome.value.look, outcome.value.wanted);
    }
    return this.#reading;
  }

  /** Closes the files. */
  close(): void {
    this.#reader.close();
  }

  get #isUnfinished(): boolean {
    const { partial, problem } = this.#reading;
    return partial || problem !== undefined || this.#index.pending || !this.#totals.isDone;
  }

  /** May run more than once per refresh, so all its changes are drafts until `#accept`. */
  #look(view: SnapshotView, { request, nowMs, dayStartMs, budget }: DatabaseRequest): LookResult {
    this.#index.rollback();
    this.#totals.rollback();
    const reading = this.#readSchemaVersion(view);
    if (reading.kind === 'unknown') return reading;
    const { schemaVersion } = reading;
    const changed = this.#missedChanges ? 'all' : changedSessions(view, this.#fingerprints);
    const shrunk = changed === 'all' ? new Set<string>() : this.#maybeShrunk(changed);
    const look: Look = { view, schemaVersion, changed, shrunk, request, nowMs, budget };
    followChanges(look, this.#index, this.#tracking.tracked);
    const wanted = readWanted(look, this.#index, this.#tracking);
    this.#totals.follow(look, this.#index, wanted, dayStartMs);
    return { kind: 'look', look, wanted };
  }

  #maybeShrunk({ listed, spans }: Exclude<ChangedSessions, 'all'>): ReadonlySet<string> {
    if (spans.length === 0) return listed;
    const tracked = [...this.#tracking.tracked];
    // In the index of todos, the neighbour of a session is the next session that has todos.
    const withTodos = tracked.filter(([, { todos }]) => todos !== undefined);
    const emptied = [tracked, withTodos].map((some) =>
      maybeEmptied(
        spans,
        some.map(([id]) => id),
      ),
    );
    return new Set([...listed, ...emptied.flatMap((ids) => [...ids])]);
  }

  #readSchemaVersion(view: SnapshotView): ReturnType<typeof readSchemaVersion> {
    const known = this.#schemaVersion;
    const isSame = known?.cookie === view.schemaCookie && view.changedPages !== 'all' && !this.#missedChanges;
    if (isSame && !awaitsImport(known.schemaVersion))
      return { kind: 'known', schemaVersion: known.schemaVersion };
    const reading = readSchemaVersion(view);
    // The end of the import hides rows of opencode 1 without writing them.
    const isImported = reading.kind === 'known' && reading.schemaVersion.importEndedAtMs !== undefined;
    this.#missedChanges ||= isSame && isImported;
    return reading;
  }

  #accept({ view, schemaVersion, changed, request }: Look, wanted: Wanted): void {
    if (changed === 'all') this.#fingerprints.clear();
    else this.#fingerprints.take(changed.fingerprints);
    this.#index.commit();
    this.#totals.commit();
    this.#schemaVersion = { cookie: view.schemaCookie, schemaVersion };
    this.#missedChanges = false;
    const sessions = new Map<string, Session>();
    for (const [id, tracked] of wanted.tracked) {
      const before = this.#tracking.tracked.get(id) === tracked ? this.#reading.sessions.get(id) : undefined;
      const isSummed = before?.tokens !== undefined || this.#totals.sumsOf(id) === undefined;
      const session =
        before !== undefined && isSummed ? before : sessionOf(tracked, this.path, this.#totals.sumsOf(id));
      sessions.set(id, session);
    }
    const { tracked, stale, damaged } = wanted;
    this.#tracking = { tracked, stale, damaged };
    const { today, allTime, progress } = this.#totals.sums();
    this.#reading = {
      sessions,
      today,
      allTime,
      totalsProgress: progress,
      partial: wanted.partial || stale.size > 0 || (request.sums && this.#lacksSums(sessions)),
      damaged: [...damaged],
      isDamaged: this.#index.isDamaged,
    };
  }

  /**
   * True if a shown session's row has no sums of tokens, and the pass over totals has not summed its messages yet.
   */
  #lacksSums(sessions: ReadonlyMap<string, Session>): boolean {
    if (this.#totals.isDone) return false;
    return [...sessions.values()].some((session) => session.tokens === undefined);
  }

  #fail(problem: SnapshotProblem): void {
    this.#index.rollback();
    this.#totals.rollback();
    this.#reading = { ...this.#reading, problem };
  }
}

/** True if a database has the sessions of opencode 1 and 2, and the import of the former has not ended. */
function awaitsImport({ session, sessionV2, importEndedAtMs }: SchemaVersion): boolean {
  return session.size > 0 && sessionV2.size > 0 && importEndedAtMs === undefined;
}

/** True if two requests are for the same sessions. Ignores `sums`. */
function requestsSameSessions(one: SessionRequest, other: SessionRequest): boolean {
  return (
    one.includeIdle === other.includeIdle &&
    isSame(one.sessionIds, other.sessionIds) &&
    isSame(one.directories, other.directories)
  );
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((each) => other.has(each));
}
