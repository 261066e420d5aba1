import { connect } from 'node:net';
import type { Proc } from './proc.ts';

/** Reading the tables costs the kernel milliseconds, however short they are: it walks a hash of all sockets. */
const youngGapMs = 1000;
const gapMs = 10_000;

/** Ports that sockets listen on; the system's tables are read only when a socket appears that was not there before. */
export class ListeningPorts {
  readonly #proc: Proc;
  #table: ReadonlyMap<number, number> = new Map();
  #answered: ReadonlySet<number> = new Set();
  #asked = new Set<number>();
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(proc: Proc) {
    this.#proc = proc;
  }

  /** The ports of these sockets of one process, ascending. Those of a young process are looked up without delay. */
  of(inodes: readonly number[], young: boolean, monotonicMs: number): readonly number[] {
    const isNew = inodes.some((inode) => !this.#answered.has(inode));
    for (const inode of inodes) this.#asked.add(inode);
    if (isNew && monotonicMs - this.#readAtMs >= (young ? youngGapMs : gapMs)) this.#read(monotonicMs);
    const ports = inodes.flatMap((inode) => this.#table.get(inode) ?? []);
    return [...new Set(ports)].sort((a, b) => a - b);
  }

  #read(monotonicMs: number): void {
    this.#table = this.#proc.listeningPorts();
    this.#answered = this.#asked;
    this.#asked = new Set();
    this.#readAtMs = monotonicMs;
  }
}

/**
 * True where a server listens behind a Unix socket; the kernel answers at once, whatever the server does, but we may
 * have to wait for our turn to hear it. Servers that were killed leave their sockets lying: a hundred dead
 * ones, each asked by a program of its own, would keep the living ones from answering in time. Never rejects.
 */
export function isListening(path: string, patienceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.setTimeout(patienceMs, () => answer(false));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
