import { constants, openSync, writeSync } from 'node:fs';

/** How often a full terminal is tried again: soon at first, and ever less while it takes nothing. */
const soonestMs = 10;
const latestMs = 200;
const waitStepMs = 5;

/** What is told of a terminal that does not take all at once. */
export interface NonBlockingOutputOptions {
  /** All that had to wait is written. */
  readonly onCaughtUp: () => void;
  /** The terminal is gone, or refuses: nothing more is written. */
  readonly onError: (error: unknown) => void;
}

/**
 * Writes to a terminal without ever waiting in the kernel. Node writes to one so that the whole program stands still
 * while nobody reads what the terminal shows (a stalled ssh, a stopped terminal emulator), and no signal ends it: a
 * descriptor of our own, which no other program shares, says instead that it is full, and the rest is kept for later.
 */
export class NonBlockingOutput {
  readonly #fd: number;
  readonly #options: NonBlockingOutputOptions;
  #waiting: Buffer[] = [];
  #retryMs = soonestMs;
  #timer: NodeJS.Timeout | undefined;
  #isGone = false;

  /** `fd` is one that says EAGAIN where it would have to wait. */
  constructor(fd: number, options: NonBlockingOutputOptions) {
    this.#fd = fd;
    this.#options = options;
  }

  /** True while something written before has not got out. */
  get isBehind(): boolean {
    return this.#waiting.length > 0;
  }

  /** Writes now what the terminal takes, and the rest as soon as it takes more. */
  write(text: string): void {
    if (this.#isGone || text === '') return;
    this.#waiting.push(Buffer.from(text));
    if (this.#timer === undefined) this.#flush();
  }

  /** Gives the terminal so long to take the rest, the whole program waiting; false where it does not. Calls nobody back. */
  settle(patienceMs: number): boolean {
    const steps = Math.ceil(patienceMs / waitStepMs);
    for (let step = 0; step < steps && this.isBehind; step++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitStepMs);
      this.#writeOn();
    }
    if (this.isBehind) return false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return true;
  }

  #flush(): void {
    const hasMoved = this.#writeOn();
    if (!this.isBehind) return;
    this.#retryMs = hasMoved ? soonestMs : Math.min(latestMs, this.#retryMs * 2);
    this.#timer = setTimeout(() => this.#retry(), this.#retryMs);
  }

  #retry(): void {
    this.#timer = undefined;
    this.#flush();
    if (!this.isBehind && !this.#isGone) this.#options.onCaughtUp();
  }

  /** True where the terminal took anything. */
  #writeOn(): boolean {
    let hasMoved = false;
    try {
      for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
        const taken = writeSync(this.#fd, next);
        if (taken === 0) break;
        hasMoved = true;
        if (taken < next.length) this.#waiting[0] = next.subarray(taken);
        else this.#waiting.shift();
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) this.#fail(error);
    }
    return hasMoved;
  }

  #fail(error: unknown): void {
    this.#isGone = true;
    this.#waiting = [];
    // Whoever writes just now is in the middle of something.
    setImmediate(() => this.#options.onError(error));
  }
}

/**
 * A descriptor of our own for the terminal behind another one, which says EAGAIN where it would have to wait; undefined where
 * it cannot be had: after `su`, when the terminal is still another user's, and on macOS, where a descriptor's path leads to
 * the shared one.
 */
export function ownDescriptor(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}
