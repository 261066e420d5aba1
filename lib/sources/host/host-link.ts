import type { HostStatus } from '../../domain/board/board.ts';
import type { HostReading } from '../../domain/board/readings.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { Backoff } from '../server/backoff.ts';
import type { ConnectionWorld } from '../server/connection.ts';
import { failureText, ServerFailure } from '../server/failure.ts';
import { HostBoard } from './host-board.ts';

/** How another machine's otop is heard. */
export interface HostWay {
  readonly name: DisplayText;
  readonly kind: 'ssh' | 'otop';
  /** Its lines, until the signal aborts; throws what went wrong where it ends otherwise. */
  readonly open: (signal: AbortSignal) => AsyncIterable<string>;
}

const notOtop = sanitize('another program answers there, not otop');
/** otop gives a sign of life every ten seconds: after two of them were missed, and a slow way, nobody is there. */
const silenceMs = 25_000;
/** Who speaks for so long is no longer one that ends at once each time. */
const steadyMs = 5_000;

/**
 * One other machine, followed in the background: lost, it is tried again after ever longer pauses; what it told last
 * stays. Nothing here waits for it.
 */
export class HostLink {
  readonly #way: HostWay;
  readonly #world: ConnectionWorld;
  readonly #onChange: () => void;
  readonly #closing = new AbortController();
  readonly #backoff: Backoff;
  readonly #firstWord: Promise<void>;
  #state: Pick<HostStatus, 'link' | 'why'> = { link: 'connecting' };
  #heardAtMs: number | undefined;
  #board: HostBoard;

  constructor(way: HostWay, world: ConnectionWorld, onChange: () => void) {
    this.#way = way;
    this.#world = world;
    this.#onChange = onChange;
    this.#backoff = new Backoff(world.random);
    this.#board = new HostBoard(way.name, way.kind);
    this.#firstWord = new Promise((resolve) => {
      void this.#run(resolve);
    });
  }

  /** Resolves once it told its Board, or could not be reached; never rejects. */
  get firstWord(): Promise<void> {
    return this.#firstWord;
  }

  /** The last that it told; while it is away, why. */
  reading(): HostReading {
    const { name, kind } = this.#way;
    const host: HostStatus = {
      name,
      kind,
      ...this.#state,
      ...(this.#heardAtMs !== undefined && { heardAtMs: this.#heardAtMs }),
      ...this.#board.machine(),
    };
    const { why } = this.#state;
    const troubles =
      why === undefined ? [] : [{ source: 'host' as const, text: sanitize(`${name}: ${why}`) }];
    return { host, rows: this.#board.rows(), troubles };
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(spoken: () => void): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const why = await this.#listen(spoken).catch((error) => failureText(error, notOtop));
      if (signal.aborted) return spoken();
      this.#state = { link: 'away', why };
      this.#onChange();
      spoken();
      await this.#world.pause(this.#backoff.failed(), signal);
    }
  }

  /** Takes line after line; gives why there are no more. */
  async #listen(spoken: () => void): Promise<DisplayText> {
    const leaving = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, leaving.signal]);
    const beganAtMs = this.#world.nowMs();
    const board = new HostBoard(this.#way.name, this.#way.kind);
    const lines = this.#way.open(signal)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#soon(lines.next(), board.isWhole);
        if (next.done) return sanitize('it ended its stream');
        const nowMs = this.#world.nowMs();
        await board.take(next.value, nowMs);
        if (!board.isWhole) continue;
        this.#board = board;
        this.#heardAtMs = nowMs;
        this.#state = { link: 'live' };
        if (nowMs - beganAtMs >= steadyMs) this.#backoff.succeeded();
        this.#onChange();
        spoken();
      }
    } finally {
      leaving.abort();
    }
  }

  /** What comes next, unless nothing comes for too long. */
  async #soon<T>(next: Promise<T>, spoke: boolean): Promise<T> {
    const waiting = new AbortController();
    const silence = this.#world.pause(silenceMs, waiting.signal).then((): never => {
      throw new ServerFailure(spoke ? 'it says nothing any more' : 'it gives no answer');
    });
    try {
      return await Promise.race([next, silence]);
    } finally {
      // The pause ends now, and what it would throw is nobody's.
      silence.catch(() => undefined);
      next.catch(() => undefined);
      waiting.abort();
    }
  }
}
