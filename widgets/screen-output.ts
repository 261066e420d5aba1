import { EventEmitter } from 'node:events';

/** What otop needs of a terminal's output stream; specs give a fake one. */
export interface TerminalStream extends EventEmitter {
  readonly columns?: number;
  readonly rows?: number;
  readonly isTTY?: boolean;
  write(chunk: string | Uint8Array, ...rest: never[]): boolean;
}

/**
 * An output of the screen's own on the same terminal. With it `stdout.write` can be diverted while the screen is up,
 * and what someone prints by mistake does not land between the cells.
 */
export class ScreenOutput extends EventEmitter {
  readonly isTTY = true;
  /** blessed writes to nothing that does not say so. */
  readonly writable = true;
  readonly #stream: TerminalStream;
  readonly #forwardResize = () => this.emit('resize');
  write: (text: string) => boolean;

  constructor(stream: TerminalStream) {
    super();
    this.#stream = stream;
    this.write = stream.write.bind(stream) as (text: string) => boolean;
    stream.on('resize', this.#forwardResize);
  }

  /** A pane that is being torn down says 0; blessed would divide by it. */
  get columns(): number {
    return this.#stream.columns || 80;
  }

  get rows(): number {
    return this.#stream.rows || 24;
  }

  release(): void {
    this.#stream.off('resize', this.#forwardResize);
  }
}
