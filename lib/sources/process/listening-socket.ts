import { connect } from 'node:net';

/** The kernel answers a connection to a socket at once, with or without a server; longer is a machine in trouble. */
const patienceMs = 100;

/**
 * True where a server listens behind a Unix socket. Servers that were killed leave their sockets lying: a hundred dead
 * ones, each asked by a program of its own, would keep the living ones from answering in time. Never rejects.
 */
export function isListening(path: string): Promise<boolean> {
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
