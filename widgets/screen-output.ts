import { EventEmitter } from 'node:events';
import { NonBlockingOutput, ownDescriptor } from './non-blocking-output.ts';

/** The part of a terminal's output stream that is used; specs pass a fake one. */
export interface TerminalStream extends EventEmitter {
  readonly columns?: number;
  readonly rows?: number;
  readonly isTTY?: boolean;
  /** Absent if the stream has no descriptor. */
  readonly fd?: number;
  write(chunk: string | Uint8Array, ...rest: never[]): boolean;
}

/** How long otop waits for a blocked terminal when it pauses or ends. */
const timeoutMs = 200;

/**
 * The screen's own output stream on the same terminal. So `stdout.write` can be captured while the screen is shown, and
 * a blocked terminal does not block otop. Emits `caught up` when a blocked terminal has accepted everything.
 */
export class ScreenOutput extends EventEmitter {
  readonly isTTY = true;
  /** blessed only writes to a stream with this property. */
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
      return !this.#nonBlocking.isBlocked;
    };
    stream.on('resize', this.#forwardResize);
  }

  /** A pane that is closing reports 0 columns, and blessed would divide by it. */
  get columns(): number {
    return this.#stream.columns || 80;
  }

  get rows(): number {
    return this.#stream.rows || 24;
  }

  /** True while the terminal has not accepted all output. A frame drawn now would only queue behind older ones. */
  get isBlocked(): boolean {
    return this.#nonBlocking?.isBlocked === true;
  }

  /** Blocks briefly until the terminal has accepted all output; false if it does not. */
  drain(): boolean {
    return this.#nonBlocking?.drain(timeoutMs) ?? true;
  }

  /** Stops listening to the terminal. */
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
