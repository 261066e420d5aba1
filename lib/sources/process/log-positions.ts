import { fileFingerprint } from '../../system/file-fingerprint.ts';

interface Known {
  readonly writtenAs: string;
  readonly positionBytes: number | undefined;
}

/**
 * Where each process stands in its log. A position moves only when the log is written: one `stat` for a log that fifty
 * processes share tells for all of them that none has to be asked.
 */
export class LogPositions {
  readonly #ask: (pid: number, fd: number) => number | undefined;
  readonly #known = new Map<string, Known>();
  #writtenAs = new Map<string, string | undefined>();

  /** `ask` reads a descriptor's position in bytes. */
  constructor(ask: (pid: number, fd: number) => number | undefined) {
    this.#ask = ask;
  }

  /** From here on every log is looked at anew, once; the descriptors of other processes than these are forgotten. */
  begin(pids: ReadonlySet<number>): void {
    this.#writtenAs = new Map();
    for (const key of this.#known.keys()) if (!pids.has(Number.parseInt(key, 10))) this.#known.delete(key);
  }

  /** Bytes; undefined where the descriptor cannot be read, or is no more. `readPath` is the log, by whatever way it can be read. */
  of(pid: number, fd: number, readPath: string): number | undefined {
    const key = `${pid} ${fd} ${readPath}`;
    // Taken before the position is: what is written in between is seen at the next look.
    const writtenAs = this.#lookAt(readPath);
    const known = this.#known.get(key);
    if (known !== undefined && known.writtenAs === writtenAs) return known.positionBytes;
    const positionBytes = this.#ask(pid, fd);
    if (writtenAs === undefined || positionBytes === undefined) this.#known.delete(key);
    else this.#known.set(key, { writtenAs, positionBytes });
    return positionBytes;
  }

  /** Undefined in a container's file system, or where it is not ours to see: its descriptors are asked each time. */
  #lookAt(path: string): string | undefined {
    if (!this.#writtenAs.has(path)) this.#writtenAs.set(path, fileFingerprint(path));
    return this.#writtenAs.get(path);
  }
}
