import type { ReportedActivity, ReportedAsk } from '../../domain/session/reported-status.ts';
import type { ServerEvent } from './event-wire.ts';
import type { DirectoryState, ServerState } from './opencode-api.ts';

/** The last reported state of one session of a server. */
export interface HostedSession {
  readonly id: string;
  /** The server keeps the session's state under this directory; a reply to an ask must name it. */
  readonly directory?: string;
  readonly activity: ReportedActivity;
  /** Unanswered, oldest first. */
  readonly asks: readonly ReportedAsk[];
  /** When the server reported or confirmed this state, epoch ms. */
  readonly reportedAtMs: number;
}

interface NumberedReport extends HostedSession {
  /** Sequence number of the report, counted over all sessions. */
  readonly sequence: number;
}

const idle: ReportedActivity = { kind: 'idle' };

/**
 * The sessions of one server, updated by events and by polls. An event that arrives during a poll is newer than the
 * poll's response. So every report has a sequence number, and a response changes no session reported after its request.
 */
export class HostedSessions {
  readonly #reports = new Map<string, NumberedReport>();
  #sequence = 0;

  /** The current sequence number: read it before a request and pass it to `applyState` with the response. */
  get sequence(): number {
    return this.#sequence;
  }

  /** All sessions with a report. */
  all(): Iterable<HostedSession> {
    return this.#reports.values();
  }

  /** Returns the session's last report, or undefined if there is none. */
  get(sessionId: string): HostedSession | undefined {
    return this.#reports.get(sessionId);
  }

  /** Applies an event; returns true if it changed a session. */
  applyEvent(event: ServerEvent, directory: string | undefined, atMs: number): boolean {
    const { sessionId } = event;
    const before = this.#reports.get(sessionId);
    const asks = before?.asks ?? [];
    switch (event.kind) {
      case 'status': {
        // opencode sends `busy` at every step.
        const isKnown = before?.activity.kind === event.activity.kind && event.activity.kind !== 'retry';
        // If a turn is aborted while it asks, no event reports the end of its asks (1.18.33).
        const isOver = event.activity.kind === 'idle' && asks.length > 0;
        this.#store(sessionId, directory, { activity: event.activity, ...(isOver && { asks: [] }) }, atMs);
        return !isKnown || isOver;
      }
      case 'asked':
        this.#store(
          sessionId,
          directory,
          { activity: { kind: 'busy' }, asks: [...asks.filter(({ id }) => id !== event.ask.id), event.ask] },
          atMs,
        );
        return true;
      case 'answered':
        this.#store(sessionId, directory, { asks: asks.filter(({ id }) => id !== event.askId) }, atMs);
        return true;
      case 'session-gone':
        this.#sequence += 1;
        return this.#reports.delete(sessionId);
      default:
        return false;
    }
  }

  /** Applies the state of a directory, requested at `atMs` with that sequence number; skips sessions with newer reports. */
  applyState(directory: string, { activities, asks }: DirectoryState, sequence: number, atMs: number): void {
    const ids = new Set([...activities.keys(), ...asks.map(({ sessionId }) => sessionId)]);
    for (const { id, directory: own } of this.#reports.values()) if (own === directory) ids.add(id);
    for (const id of ids) {
      if ((this.#reports.get(id)?.sequence ?? 0) > sequence) continue;
      this.#storeState(id, directory, { activities, asks }, atMs);
    }
  }

  /** Applies the state of the whole server; sessions that it does not name are idle. */
  applyServer(state: ServerState, sequence: number, atMs: number): void {
    const ids = [...state.activities.keys(), ...state.asks.map(({ sessionId }) => sessionId)];
    for (const id of new Set([...ids, ...this.#reports.keys()])) {
      if ((this.#reports.get(id)?.sequence ?? 0) > sequence) continue;
      this.#storeState(id, state.directories.get(id), state, atMs);
    }
  }

  /** Deletes sessions without a report since `sequence`: a restarted server no longer hosts them. */
  forgetBefore(sequence: number): void {
    for (const [id, report] of this.#reports) if (report.sequence <= sequence) this.#reports.delete(id);
  }

  #storeState(
    id: string,
    directory: string | undefined,
    { activities, asks }: DirectoryState,
    atMs: number,
  ): void {
    const own = asks.filter(({ sessionId }) => sessionId === id).map(({ ask }) => ask);
    this.#store(id, directory, { activity: activities.get(id) ?? idle, asks: own }, atMs);
  }

  #store(
    id: string,
    directory: string | undefined,
    changes: Partial<Pick<HostedSession, 'activity' | 'asks'>>,
    reportedAtMs: number,
  ): void {
    const before = this.#reports.get(id);
    const knownDirectory = directory ?? before?.directory;
    this.#sequence += 1;
    this.#reports.set(id, {
      id,
      ...(knownDirectory !== undefined && { directory: knownDirectory }),
      activity: before?.activity ?? idle,
      asks: before?.asks ?? [],
      ...changes,
      reportedAtMs,
      sequence: this.#sequence,
    });
  }
}
