import { constants, openSync, writeSync } from 'node:fs';

/** The back-off for a blocked terminal: the delay doubles while it accepts nothing. */
const minRetryMs = 10;
const maxRetryMs = 200;
const waitStepMs = 5;

/** The callbacks of a non-blocking output. */
export interface NonBlockingOutputOptions {
  /** Called when the whole queue is written. */
  readonly onCaughtUp: () => void;
  /** Called when the terminal is gone or fails; nothing more is written. */
  readonly onError: (error: unknown) => void;
}

/**
 * Writes to a terminal without blocking. Node's writes block the whole process while nobody reads the terminal (a
 * stalled ssh, a stopped terminal emulator), and no signal ends that. This class uses a non-blocking descriptor of its
 * own, and queues the rest if the terminal is full.
 */
export class NonBlockingOutput {
  readonly #fd: number;
  readonly #options: NonBlockingOutputOptions;
  #queue: Buffer[] = [];
  #retryMs = minRetryMs;
  #timer: NodeJS.Timeout | undefined;
  #isGone = false;

  /** `fd` is a non-blocking descriptor: a write fails with EAGAIN instead of blocking. */
  constructor(fd: number, options: NonBlockingOutputOptions) {
    this.#fd = fd;
    this.#options = options;
  }

  /** True while the queue is not empty. */
  get isBlocked(): boolean {
    return this.#queue.length > 0;
  }

  /** Writes as much as the terminal accepts, and the rest as soon as it accepts more. */
  write(text: string): void {
    if (this.#isGone || text === '') return;
    this.#queue.push(Buffer.from(text));
    if (this.#timer === undefined) this.#flush();
  }

  /** Blocks until the queue is written, at most `timeoutMs`. Returns false at the timeout. Does not call `onCaughtUp`. */
  drain(timeoutMs: number): boolean {
    const steps = Math.ceil(timeoutMs / waitStepMs);
    for (let step = 0; step < steps && this.isBlocked; step++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitStepMs);
      this.#writeQueue();
    }
    if (this.isBlocked) return false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return true;
  }

  #flush(): void {
    const hasWritten = this.#writeQueue();
    if (!this.isBlocked) return;
    this.#retryMs = hasWritten ? minRetryMs : Math.min(maxRetryMs, this.#retryMs * 2);
    this.#timer = setTimeout(() => this.#retry(), this.#retryMs);
  }

  #retry(): void {
    this.#timer = undefined;
    this.#flush();
    if (!this.isBlocked && !this.#isGone) this.#options.onCaughtUp();
  }

  /** Returns true if the terminal accepted any byte. */
  #writeQueue(): boolean {
    let hasWritten = false;
    try {
      for (let [next] = this.#queue; next !== undefined; [next] = this.#queue) {
        const writtenBytes = writeSync(this.#fd, next);
        if (writtenBytes === 0) break;
        hasWritten = true;
        if (writtenBytes < next.length) this.#queue[0] = next.subarray(writtenBytes);
        else this.#queue.shift();
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) this.#fail(error);
    }
    return hasWritten;
  }

  #fail(error: unknown): void {
    this.#isGone = true;
    this.#queue = [];
    // Deferred, because the caller of `write` may be in the middle of a draw.
    setImmediate(() => this.#options.onError(error));
  }
}

/**
 * Opens a new non-blocking descriptor for the terminal of another descriptor. Returns undefined if that fails: after
 * `su`, if the terminal belongs to another user, and on macOS, which has no `/proc`.
 */
export function ownDescriptor(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}
