import { isatty } from 'node:tty';
import { errorCode } from './files.ts';

/** The standard streams that were a terminal when otop started. */
const terminals = [0, 1, 2].filter((stream) => isatty(stream));

/**
 * Ends this process with an exit code. If one of its terminals is gone, ends it by SIGHUP instead, since Node 20 cannot
 * reset such a terminal and would abort with a core dump (`node::ResetStdio`).
 */
export function exitProcess(code: number): never {
  if (!terminals.every((stream) => isatty(stream))) {
    process.emit('exit', code);
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  }
  return process.exit(code);
}

/** False only if there is no such process. A process of another user counts as alive. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
