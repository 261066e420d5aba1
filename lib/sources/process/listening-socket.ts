import { connect } from 'node:net';

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
