import { EventEmitter } from 'node:events';
import { NonBlockingOutput, ownDescriptor } from './non-blocking-output.ts';

/** What otop needs of a terminal's output stream; specs give a fake one. */
export interface TerminalStream extends EventEmitter {
  readonly columns?: number;
  readonly rows?: number;
  readonly isTTY?: boolean;
  /** Absent for what is no descriptor. */
  readonly fd?: number;
  write(chunk: string | Uint8Array, ...rest: never[]): boolean;
}

/** How long a full terminal is waited for where otop lets go of it. */
const patienceMs = 200;

/**
 * An output of the screen's own on the same terminal. With it `stdout.write` can be diverted while the screen is up,
 * and what someone prints by mistake does not land between the cells; and a terminal that takes nothing holds nobody up.
 * Emits `caught up` when one that was full has taken all.
 */
export class ScreenOutput extends EventEmitter {
  readonly isTTY = true;
  /** blessed writes to nothing that does not say so. */
  readonly writable = true;
  readonly #stream: TerminalStream;
  readonly #nonBlocking: NonBlockingOutput | undefined;
  readonly #forwardResize = () => this.emit('resize');
  write: (text: string) => boolean;

  constructor(stream: TerminalStream) {
    super();
    this.#stream = stream;
    this.#nonBlocking = this.#openNonBlocking();
    const direct = stream.write.bind(stream) as (text: string) => boolean;
    this.write = (text) => {
      if (this.#nonBlocking === undefined) return direct(text);
      this.#nonBlocking.write(text);
      return !this.#nonBlocking.isBehind;
    };
    stream.on('resize', this.#forwardResize);
  }

  /** A pane that is being torn down says 0; blessed would divide by it. */
  get columns(): number {
    return this.#stream.columns || 80;
  }

  get rows(): number {
    return this.#stream.rows || 24;
  }

  /** True while the terminal has not taken what was written: a frame that is drawn now comes late, and on top of others. */
  get isBehind(): boolean {
    return this.#nonBlocking?.isBehind === true;
  }

  /** Waits for a full terminal, but not for long; false where it takes nothing. */
  settle(): boolean {
    return this.#nonBlocking?.settle(patienceMs) ?? true;
  }

  release(): void {
    this.#stream.off('resize', this.#forwardResize);
  }

  #openNonBlocking(): NonBlockingOutput | undefined {
    const { fd, isTTY } = this.#stream;
    const own = fd === undefined || isTTY !== true ? undefined : ownDescriptor(fd);
    if (own === undefined) return undefined;
    return new NonBlockingOutput(own, {
      onCaughtUp: () => this.emit('caught up'),
      onError: (error) => this.#stream.emit('error', error),
    });
  }
}
