import type { HostStatus } from '../../domain/board/board.ts';
import type { HostReading } from '../../domain/board/readings.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { Backoff } from '../server/backoff.ts';
import type { ConnectionEnv } from '../server/connection.ts';
import { failureText, ServerFailure } from '../server/failure.ts';
import { HostBoard } from './host-board.ts';

/** The name of another machine, and the function that opens its stream of lines. */
export interface HostTarget {
  readonly name: DisplayText;
  readonly kind: 'ssh' | 'otop';
  /** Yields its lines until the signal aborts; throws the reason if the stream fails. */
  readonly open: (signal: AbortSignal) => AsyncIterable<string>;
}

const notOtop = sanitize('another program answers there, not otop');
/** otop sends an `alive` line every ten seconds; this allows for two missed ones and a slow connection. */
const silenceMs = 25_000;
/** A connection that lasts this long counts as stable and resets the back-off. */
const stableMs = 5_000;

/**
 * Follows one other machine in the background. After a lost connection it retries with back-off and keeps the last
 * rows. Callers never wait for the machine.
 */
export class HostLink {
  readonly #target: HostTarget;
  readonly #env: ConnectionEnv;
  readonly #onChange: () => void;
  readonly #closing = new AbortController();
  readonly #backoff: Backoff;
  readonly #firstOutcome: Promise<void>;
  #state: Pick<HostStatus, 'link' | 'why'> = { link: 'connecting' };
  #receivedAtMs: number | undefined;
  #board: HostBoard;

  constructor(target: HostTarget, env: ConnectionEnv, onChange: () => void) {
    this.#target = target;
    this.#env = env;
    this.#onChange = onChange;
    this.#backoff = new Backoff(env.random);
    this.#board = new HostBoard(target.name, target.kind);
    this.#firstOutcome = new Promise((resolve) => {
      void this.#run(resolve);
    });
  }

  /** Resolves once the machine has sent its Board or could not be reached. Never rejects. */
  get firstOutcome(): Promise<void> {
    return this.#firstOutcome;
  }

  /** The last reading; while the machine is away, with the reason. */
  reading(): HostReading {
    const { name, kind } = this.#target;
    const host: HostStatus = {
      name,
      kind,
      ...this.#state,
      ...(this.#receivedAtMs !== undefined && { heardAtMs: this.#receivedAtMs }),
      ...this.#board.machine(),
    };
    const { why } = this.#state;
    const troubles =
      why === undefined ? [] : [{ source: 'host' as const, text: sanitize(`${name}: ${why}`) }];
    return { host, rows: this.#board.rows(), troubles };
  }

  /** Closes the connection and stops retrying. */
  close(): void {
    this.#closing.abort();
  }

  async #run(onOutcome: () => void): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const why = await this.#listen(onOutcome).catch((error) => failureText(error, notOtop));
      if (signal.aborted) return onOutcome();
      this.#state = { link: 'away', why };
      this.#onChange();
      onOutcome();
      await this.#env.sleep(this.#backoff.failed(), signal);
    }
  }

  /** Processes lines until the stream ends; resolves to the reason in words, or rejects if it failed. */
  async #listen(onOutcome: () => void): Promise<DisplayText> {
    const ending = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, ending.signal]);
    const startedAtMs = this.#env.nowMs();
    const board = new HostBoard(this.#target.name, this.#target.kind);
    const lines = this.#target.open(signal)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#nextInTime(lines.next(), board.isWhole);
        if (next.done) return sanitize('it ended its stream');
        const nowMs = this.#env.nowMs();
        await board.take(next.value, nowMs);
        if (!board.isWhole) continue;
        this.#board = board;
        this.#receivedAtMs = nowMs;
        this.#state = { link: 'live' };
        if (nowMs - startedAtMs >= stableMs) this.#backoff.succeeded();
        this.#onChange();
        onOutcome();
      }
    } finally {
      ending.abort();
    }
  }

  /** Resolves to the next value; rejects with a ServerFailure after `silenceMs` without one. */
  async #nextInTime<T>(next: Promise<T>, hadBoard: boolean): Promise<T> {
    const pausing = new AbortController();
    const silence = this.#env.sleep(silenceMs, pausing.signal).then((): never => {
      throw new ServerFailure(hadBoard ? 'it stopped sending' : 'it does not answer');
    });
    try {
      return await Promise.race([next, silence]);
    } finally {
      // Ends the sleep. The promise that lost the race may still reject; that must not be an unhandled rejection.
      silence.catch(() => undefined);
      next.catch(() => undefined);
      pausing.abort();
    }
  }
}
