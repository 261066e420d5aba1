import { execFile } from 'node:child_process';
import { errorCode } from './files.ts';

/**
 * How a program ended. A non-zero exit code also counts as ended, since `lsof` exits with 1 if one of many files is
 * missing.
 */
export type RunResult =
  | { readonly kind: 'ended'; readonly exitCode: number; readonly stdout: string }
  | { readonly kind: 'not found' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Runs a program without a shell; never rejects. */
export type Run = (
  file: string,
  args: readonly string[],
  limits: { readonly timeoutMs: number },
) => Promise<RunResult>;

/** Runs a real program. Kills it by SIGKILL at the timeout. */
export const runCommand: Run = (file, args, { timeoutMs }) =>
  new Promise((resolve) => {
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 32 * 1024 * 1024 } as const;
    execFile(file, args, options, (error, stdout) => {
      if (!error) resolve({ kind: 'ended', exitCode: 0, stdout });
      else if (typeof error.code === 'number') resolve({ kind: 'ended', exitCode: error.code, stdout });
      else if (error.code === 'ENOENT') resolve({ kind: 'not found' });
      else if (error.killed) resolve({ kind: 'timeout' });
      else resolve({ kind: 'failed', reason: error.message });
    });
  });

/** False only if there is no such process. A process of another user counts as alive. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
