import { type ChildProcess, execFile, spawn } from 'node:child_process';

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

/** Restores the main screen, mouse, paste, cursor keys, cursor, colours and title. */
const restore =
  '\\033[?1000l\\033[?1002l\\033[?1003l\\033[?1006l\\033[?2004l\\033[?1l\\033>\\033[?25h\\033[?1049l\\033[0m\\033]2;\\007\\033[23;0t';

/**
 * A constant script without outside text. Its input ends when otop ends. Then it sets the terminal modes that libuv's
 * raw mode cleared, and keeps the user's other settings.
 */
const script = `read -r _; printf '${restore}'; exec stty icrnl ixon isig icanon iexten echo <&1`;

/**
 * Returns a shell that waits for otop to end and restores the terminal if otop could not: killed, or aborted by V8. It
 * has its own session, so that a signal to otop's session does not end it first. It takes 0.1 MB and no CPU time.
 * Without `/bin/sh` it does nothing.
 */
export function terminalWatchdog(): { watch(): void; dismiss(): void } {
  let shell: ChildProcess | undefined;
  return {
    watch() {
      if (shell !== undefined) return;
      shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'inherit', 'ignore'], detached: true });
      // The shell could not be started, or somebody killed it. Then there is no watchdog.
      shell.on('error', () => undefined);
      shell.stdin?.on('error', () => undefined);
    },
    dismiss() {
      shell?.kill('SIGKILL');
      shell = undefined;
    },
  };
}
