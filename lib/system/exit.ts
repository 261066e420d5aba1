import { isatty } from 'node:tty';

/** Which of the three streams were a terminal when otop started. */
const terminals = [0, 1, 2].filter((stream) => isatty(stream));

/**
 * Ends this process with an exit code. Where a terminal that it had is gone, by the signal that says so, as Node 20
 * would abort with a core dump: it cannot reset such a terminal (`node::ResetStdio`).
 */
export function exitProcess(code: number): never {
  if (!terminals.every((stream) => isatty(stream))) {
    process.emit('exit', code);
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  }
  return process.exit(code);
}
