import type { ReportedActivity, ReportedAsk } from '../../domain/session/reported-status.ts';
import type { ServerEvent } from './event-wire.ts';
import type { DirectoryState } from './opencode-api.ts';

/** What a server said last of one of its sessions. */
export interface HostedSession {
  readonly id: string;
  /** Its state is kept with this directory; an answer must name it. */
  readonly directory?: string;
  readonly activity: ReportedActivity;
  /** Unanswered, oldest first. */
  readonly asks: readonly ReportedAsk[];
  /** When that was said or confirmed. */
  readonly toldAtMs: number;
}

interface Told extends HostedSession {
  /** Which telling it was, counted over all sessions. */
  readonly turn: number;
}

const idle: ReportedActivity = { kind: 'idle' };

/**
 * What one server told of its sessions, by events and by answers. An answer takes its time, and what an event says
 * meanwhile is newer: so every telling is counted, and an answer changes nothing that was told since it was asked for.
 */
export class HostedSessions {
  readonly #told = new Map<string, Told>();
  #turn = 0;

  /** To be taken before a question is asked, and given to `answered` with its answer. */
  get turn(): number {
    return this.#turn;
  }

  all(): Iterable<HostedSession> {
    return this.#told.values();
  }

  get(sessionId: string): HostedSession | undefined {
    return this.#told.get(sessionId);
  }

  /** True where the event changed what is known. */
  happened(event: ServerEvent, directory: string | undefined, atMs: number): boolean {
    const { sessionId } = event;
    const before = this.#told.get(sessionId);
    const asks = before?.asks ?? [];
    switch (event.kind) {
      case 'status': {
        // opencode says `busy` at every step.
        const isKnown = before?.activity.kind === event.activity.kind && event.activity.kind !== 'retry';
        // A turn that was ended while it asked ends without a word of its asks (1.18.33).
        const isOver = event.activity.kind === 'idle' && asks.length > 0;
        this.#tell(sessionId, directory, { activity: event.activity, ...(isOver && { asks: [] }) }, atMs);
        return !isKnown || isOver;
      }
      case 'asked':
        this.#tell(
          sessionId,
          directory,
          { activity: { kind: 'busy' }, asks: [...asks.filter(({ id }) => id !== event.ask.id), event.ask] },
          atMs,
        );
        return true;
      case 'answered':
        this.#tell(sessionId, directory, { asks: asks.filter(({ id }) => id !== event.askId) }, atMs);
        return true;
      case 'session-gone':
        this.#turn += 1;
        return this.#told.delete(sessionId);
      default:
        return false;
    }
  }

  /** Takes over what the server answered about a directory at `atMs`, asked for at `turn`. */
  answered(directory: string, { activities, asks }: DirectoryState, turn: number, atMs: number): void {
    const ids = new Set([...activities.keys(), ...asks.map(({ sessionId }) => sessionId)]);
    for (const { id, directory: own } of this.#told.values()) if (own === directory) ids.add(id);
    for (const id of ids) {
      if ((this.#told.get(id)?.turn ?? 0) > turn) continue;
      const own = asks.filter(({ sessionId }) => sessionId === id).map(({ ask }) => ask);
      this.#tell(id, directory, { activity: activities.get(id) ?? idle, asks: own }, atMs);
    }
  }

  /** Forgets what nothing has confirmed since `turn`: a server that was started anew hosts nothing yet. */
  forgetBefore(turn: number): void {
    for (const [id, told] of this.#told) if (told.turn <= turn) this.#told.delete(id);
  }

  #tell(
    id: string,
    directory: string | undefined,
    news: Partial<Pick<HostedSession, 'activity' | 'asks'>>,
    toldAtMs: number,
  ): void {
    const before = this.#told.get(id);
    const place = directory ?? before?.directory;
    this.#turn += 1;
    this.#told.set(id, {
      id,
      ...(place !== undefined && { directory: place }),
      activity: before?.activity ?? idle,
      asks: before?.asks ?? [],
      ...news,
      toldAtMs,
      turn: this.#turn,
    });
  }
}
