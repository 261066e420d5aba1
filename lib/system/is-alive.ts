import { errorCode } from './error-code.ts';

/** False only where there surely is no such process: one of another user counts as alive. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
