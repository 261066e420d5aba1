import { type ChildProcess, spawn } from 'node:child_process';
import { isatty } from 'node:tty';

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
