import { connect } from 'node:net';
import type { Proc } from './proc.ts';

/** Limits how often the tables are read: the kernel walks a hash of all sockets, which takes it milliseconds. */
const minYoungIntervalMs = 1000;
const minIntervalMs = 10_000;

/** Finds the ports that sockets listen on. The tables of the system are read only if there is a new socket. */
export class ListeningPorts {
  readonly #proc: Proc;
  #table: ReadonlyMap<number, number> = new Map();
  #resolvedInodes: ReadonlySet<number> = new Set();
  #requestedInodes = new Set<number>();
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(proc: Proc) {
    this.#proc = proc;
  }

  /** The ports of these sockets of one process, ascending. For a young process the tables are read again earlier. */
  of(inodes: readonly number[], isYoung: boolean, monotonicMs: number): readonly number[] {
    const isNew = inodes.some((inode) => !this.#resolvedInodes.has(inode));
    for (const inode of inodes) this.#requestedInodes.add(inode);
    const intervalMs = isYoung ? minYoungIntervalMs : minIntervalMs;
    if (isNew && monotonicMs - this.#readAtMs >= intervalMs) this.#read(monotonicMs);
    const ports = inodes.flatMap((inode) => this.#table.get(inode) ?? []);
    return [...new Set(ports)].sort((a, b) => a - b);
  }

  #read(monotonicMs: number): void {
    this.#table = this.#proc.listeningPorts();
    this.#resolvedInodes = this.#requestedInodes;
    this.#requestedInodes = new Set();
    this.#readAtMs = monotonicMs;
  }
}

/**
 * Resolves to true if a server listens on a Unix socket, to false on an error or after `timeoutMs`. Never rejects.
 *
 * Killed servers leave their sockets behind, and a `tmux` process for each of a hundred such sockets would delay the
 * answers of running servers. The kernel accepts a connection at once, so only a busy machine needs the timeout.
 */
export function isListening(path: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (isAccepted: boolean) => {
      socket.destroy();
      resolve(isAccepted);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
