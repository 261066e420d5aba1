import { type ChildProcess, spawn } from 'node:child_process';
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

/** The main screen, no mouse, no bracketed paste, plain cursor keys, the cursor, no colours, the title it had. */
const restore =
  '\\033[?1000l\\033[?1002l\\033[?1003l\\033[?1006l\\033[?2004l\\033[?1l\\033>\\033[?25h\\033[?1049l\\033[0m\\033]2;\\007\\033[23;0t';

/**
 * Words of ours alone. The end of its input is the end of otop; then what libuv's raw mode took is given back, which
 * leaves a person's own settings as they are.
 */
const script = `read -r _; printf '${restore}'; exec stty icrnl ixon isig icanon iexten echo <&1`;

/**
 * A shell that waits for otop to end, and restores the terminal where otop could not: killed, out of memory in the middle
 * of something, aborted by V8. It has a session of its own, so that what ends otop's does not end it before; it takes 0.1 MB
 * and no time. Without `/bin/sh` there is none.
 */
export function terminalWatchdog(): { watch(): void; dismiss(): void } {
  let shell: ChildProcess | undefined;
  return {
    watch() {
      if (shell !== undefined) return;
      shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'inherit', 'ignore'], detached: true });
      // Both are told of where it cannot be started, or is killed by somebody: then nobody keeps the terminal.
      shell.on('error', () => undefined);
      shell.stdin?.on('error', () => undefined);
    },
    dismiss() {
      shell?.kill('SIGKILL');
      shell = undefined;
    },
  };
}
