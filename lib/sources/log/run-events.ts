import type { LogEvent, LogLine } from './log-event.ts';

/** An event and where in its file it stands: the order of events, whichever order they were read in. */
export interface PlacedEvent {
  readonly offset: number;
  readonly atMs: number;
  readonly event: LogEvent;
}

/** How many of each kind are kept: far more than one process has sessions or asks that still matter. */
const keptOfKind = 64;

/**
 * The events of one run that still matter, in bounded memory. Lines may come in any order and more than once (the
 * tail of a file is read before its middle): what is kept depends only on the set of lines seen, because of each
 * key the newest stays, and of each kind the newest `keptOfKind`.
 */
export class RunEvents {
  readonly #byKind = new Map<LogEvent['kind'], Map<string, PlacedEvent>>();
  #lastLineAtMs: number | undefined;
  #changes = 0;

  /** When the run last wrote anything. */
  get lastLineAtMs(): number | undefined {
    return this.#lastLineAtMs;
  }

  /** Counts up with every kept change, for caches of what is derived from the events. */
  get changes(): number {
    return this.#changes;
  }

  /** True where some line names a session that this run worked on. */
  get namesSession(): boolean {
    return ['created', 'loop', 'opened'].some(
      (kind) => (this.#byKind.get(kind as LogEvent['kind'])?.size ?? 0) > 0,
    );
  }

  /** Takes in a line that begins at `offset` of its file. */
  add(line: LogLine, offset: number): void {
    if (this.#lastLineAtMs === undefined || line.atMs > this.#lastLineAtMs) {
      this.#lastLineAtMs = line.atMs;
      this.#changes++;
    }
    if (line.event === undefined) return;
    const kept = this.#ofKind(line.event.kind);
    const key = keyOf(line.event, offset);
    const known = kept.get(key);
    // A run may make its instance anew; the first one, soon after its process's start, tells which process it is.
    const keepsFirst = line.event.kind === 'instance';
    if (known !== undefined && (keepsFirst ? known.offset <= offset : known.offset >= offset)) return;
    kept.set(key, { offset, atMs: line.atMs, event: line.event });
    this.#changes++;
    if (kept.size > keptOfKind) dropOldest(kept);
  }

  /** Every kept event in the order of the file. */
  inOrder(): PlacedEvent[] {
    return [...this.#byKind.values()]
      .flatMap((kept) => [...kept.values()])
      .sort((left, right) => left.offset - right.offset);
  }

  #ofKind(kind: LogEvent['kind']): Map<string, PlacedEvent> {
    let kept = this.#byKind.get(kind);
    if (kept === undefined) {
      kept = new Map();
      this.#byKind.set(kind, kept);
    }
    return kept;
  }
}

/** Events with the same key replace each other: only the newest says something. */
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

function dropOldest(kept: Map<string, PlacedEvent>): void {
  let oldestKey: string | undefined;
  let oldest = Number.POSITIVE_INFINITY;
  for (const [key, placed] of kept) {
    if (placed.offset < oldest) {
      oldest = placed.offset;
      oldestKey = key;
    }
  }
  if (oldestKey !== undefined) kept.delete(oldestKey);
}
