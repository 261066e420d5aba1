import type { LogEvent } from './log-event.ts';
import type { PlacedEvent } from './run-events.ts';

/** A process that has the log open, and the offset after the last line that it wrote; absent where not told. */
export interface Writer {
  readonly pid: number;
  readonly positionBytes: number | undefined;
}

/**
 * Who wrote what in a log that several processes write. Up to 1.15 a log is named by the second it was begun in, so
 * what starts in the same second (a restored tmux, a script) shares one, and no line names its process. But files are
 * opened to append, so a descriptor stands after the last line its process wrote: a line behind the positions of all
 * writers but one is that one's. A session is worked on by one process, so one such line tells for all of its lines.
 */
export class LogWriters {
  readonly #ownerOf = new Map<string, number>();
  #look: unknown;
  #endAtLook = 0;

  /**
   * Learns from one look. `look` stands for the sampling of the positions and is the same object as long as they
   * are: a line counts only when it was read before they were sampled, since its writer's position is then behind it.
   */
  learn(look: unknown, writers: readonly Writer[], placed: readonly PlacedEvent[], fileEnd: number): void {
    if (look === this.#look) return;
    const readBefore = this.#endAtLook;
    this.#look = look;
    this.#endAtLook = fileEnd;
    for (const { event, offset } of placed) {
      const sessionId = sessionOf(event);
      if (sessionId === undefined || offset >= readBefore || this.#ownerOf.has(sessionId)) continue;
      const possible = writers.filter(({ positionBytes }) => (positionBytes ?? offset + 1) > offset);
      const [only] = possible;
      if (possible.length === 1 && only !== undefined) this.#ownerOf.set(sessionId, only.pid);
    }
  }

  /** Without the events of sessions that are another writer's. */
  eventsOf(pid: number, placed: readonly PlacedEvent[]): PlacedEvent[] {
    return placed.filter(({ event }) => {
      const owner = this.#ownerOf.get(sessionOf(event) ?? '');
      return owner === undefined || owner === pid;
    });
  }

  /** True where the newest of these events that names a session is surely the process's own, or none names one. */
  isSure(pid: number, events: readonly PlacedEvent[]): boolean {
    const newest = events.findLast(({ event }) => sessionOf(event) !== undefined);
    return newest === undefined || this.#ownerOf.get(sessionOf(newest.event) ?? '') === pid;
  }
}

function sessionOf(event: LogEvent): string | undefined {
  return 'sessionId' in event ? event.sessionId : undefined;
}
