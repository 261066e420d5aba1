import type { LogEvent, LogLine } from './log-event.ts';

/** An event and the offset of its line. The offset gives the order of events, since lines are read in any order. */
export interface PlacedEvent {
  readonly offset: number;
  readonly atMs: number;
  readonly event: LogEvent;
}

/** The limit for each kind of event: far more than the sessions or asks of one process that still matter. */
const maxEventsPerKind = 64;

/**
 * The events of one run that still matter, in bounded memory. Lines may be added in any order and more than once, since
 * the tail of a file is read before its middle. The result depends only on the set of lines: the newest event of each
 * key stays (of `instance` the oldest), and of each kind the newest `maxEventsPerKind`.
 */
export class RunEvents {
  readonly #byKind = new Map<LogEvent['kind'], Map<string, PlacedEvent>>();
  #lastLineAtMs: number | undefined;
  #changeCount = 0;

  /** The time of the last line of the run; undefined before the first one. */
  get lastLineAtMs(): number | undefined {
    return this.#lastLineAtMs;
  }

  /** Grows with every change, so that values derived from the events can be cached. */
  get changeCount(): number {
    return this.#changeCount;
  }

  /** True if a line names a session that this run created, prompted or opened. */
  get hasSession(): boolean {
    return ['created', 'loop', 'opened'].some(
      (kind) => (this.#byKind.get(kind as LogEvent['kind'])?.size ?? 0) > 0,
    );
  }

  /** Adds a line that begins at `offset` of its file. */
  add(line: LogLine, offset: number): void {
    if (this.#lastLineAtMs === undefined || line.atMs > this.#lastLineAtMs) {
      this.#lastLineAtMs = line.atMs;
      this.#changeCount++;
    }
    if (line.event === undefined) return;
    const stored = this.#ofKind(line.event.kind);
    const key = keyOf(line.event, offset);
    const known = stored.get(key);
    // A run may create its instance again. Only the first one, soon after the start, tells which process it is.
    const keepsFirst = line.event.kind === 'instance';
    if (known !== undefined && (keepsFirst ? known.offset <= offset : known.offset >= offset)) return;
    stored.set(key, { offset, atMs: line.atMs, event: line.event });
    this.#changeCount++;
    if (stored.size > maxEventsPerKind) dropOldest(stored);
  }

  /** All stored events in the order of the file. */
  inOrder(): PlacedEvent[] {
    return [...this.#byKind.values()]
      .flatMap((stored) => [...stored.values()])
      .sort((left, right) => left.offset - right.offset);
  }

  #ofKind(kind: LogEvent['kind']): Map<string, PlacedEvent> {
    let stored = this.#byKind.get(kind);
    if (stored === undefined) {
      stored = new Map();
      this.#byKind.set(kind, stored);
    }
    return stored;
  }
}

/** Events with the same key replace each other, because only the newest matters. */
function keyOf(event: LogEvent, offset: number): string {
  switch (event.kind) {
    case 'args':
      return '';
    case 'instance':
      return event.directory;
    case 'loop':
      return `${event.sessionId} ${event.step === 0 ? 'prompt' : 'later step'}`;
    case 'created':
    case 'opened':
    case 'failed':
    case 'ended':
      return event.sessionId;
    case 'ask':
      return event.id;
    case 'step':
      return event.sessionId ?? `@${offset}`;
    case 'replied':
      return event.id ?? `@${offset}`;
    case 'stream':
      return `@${offset}`;
  }
}

function dropOldest(stored: Map<string, PlacedEvent>): void {
  let oldestKey: string | undefined;
  let oldest = Number.POSITIVE_INFINITY;
  for (const [key, placed] of stored) {
    if (placed.offset < oldest) {
      oldest = placed.offset;
      oldestKey = key;
    }
  }
  if (oldestKey !== undefined) stored.delete(oldestKey);
}
