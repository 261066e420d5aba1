import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { captureOutput, type Printable, type WarningSource } from './captured-output.ts';
import type { Terminal } from './terminal.ts';

/** The part of `process` that is used; specs pass a fake one. */
export interface ProcessLike extends WarningSource {
  readonly pid: number;
  readonly stdin: { on(event: 'end' | 'error', listener: () => void): unknown };
  readonly stdout: Printable;
  readonly stderr: Printable;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  removeAllListeners(event: string): unknown;
  kill(pid: number, signal: string): unknown;
}

/** Restores the terminal if otop ends without restoring it. */
interface TerminalWatchdog {
  /** Starts the watchdog: otop uses the terminal from now on. */
  watch(): void;
  /** Stops the watchdog: the terminal is restored. */
  dismiss(): void;
}

/** The guarded process and terminal, and the callbacks for otop's end. */
export interface LifecycleOptions {
  readonly process: ProcessLike;
  readonly terminal: Terminal;
  readonly watchdog: TerminalWatchdog;
  /** Releases the app's resources (temporary folders, watchers); must not throw or block. */
  readonly beforeExit: () => void;
  /** Ends otop, even if its terminal is gone. */
  readonly exit: (code: number) => never;
  /** Returns the message for the user about a bug, with the stack; must not throw. */
  readonly crashMessage: (error: unknown) => string;
}

/** The ways back to the shell. */
export interface Lifecycle {
  /** Restores the terminal and ends otop. */
  exit(code: number): never;
  /** Ctrl-Z: stops otop until `fg`. */
  suspend(): void;
}

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const bugExitCode = 70;
const signalExitBase = 128;
const hangupExitCode = signalExitBase + constants.signals.SIGHUP;
/** A stop signal takes effect within this time. If it does not, there is no shell with job control. */
const resumeDelayMs = 30;
const wholeGroup = 0;
const watchdogDelayMs = 100;

/**
 * Restores the terminal on every exit: a signal exits with 128+n, a bug prints its stack and exits with 70.
 * blessed's own handlers do nothing if other listeners exist, exit with 0, and ignore SIGHUP and SIGTSTP.
 */
export function guardTerminal(options: LifecycleOptions): Lifecycle {
  const { process, terminal, watchdog, beforeExit, exit } = options;
  const restoreOutput = captureOutput([process.stdout, process.stderr], process);
  let isLeaving = false;

  const leave = (code: number, crashText = ''): never => {
    if (!isLeaving) {
      isLeaving = true;
      const isRestored = terminal.destroy();
      const captured = restoreOutput();
      // A blocked terminal would block otop for ever. The watchdog restores it once it accepts output again.
      if (isRestored) watchdog.dismiss();
      else watchdog.watch();
      if (captured + crashText !== '' && (isRestored || !isatty(2)))
        process.stderr.write(captured + crashText);
      beforeExit();
    }
    return exit(code);
  };
  for (const signal of endSignals)
    process.on(signal, () => leave(signalExitBase + constants.signals[signal]));
  const crash = (error: unknown) =>
    isHangup(error) ? leave(hangupExitCode) : leave(bugExitCode, options.crashMessage(error));
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    // Replaces the handlers of commands without a screen.
    process.removeAllListeners(event);
    process.on(event, crash);
  }
  // stdin ends if the pane is closed, with or without a SIGHUP.
  for (const event of ['end', 'error'] as const) process.stdin.on(event, () => leave(hangupExitCode));

  // Restores the terminal first, then stops by the default action. A shell that wakes earlier would lose its prompt.
  const stop = (target: number) => {
    process.off('SIGTSTP', onStop);
    const resume = terminal.pause();
    watchdog.dismiss();
    process.kill(target, 'SIGTSTP');
    // Runs after `fg`, or at once if nothing stopped otop, for example in a pane or a popup without a shell.
    setTimeout(() => {
      process.on('SIGTSTP', onStop);
      resume();
      watchdog.watch();
      // The shell got any SIGWINCH meanwhile, since it was in the foreground. This makes Node read the size again.
      process.kill(process.pid, 'SIGWINCH');
    }, resumeDelayMs);
  };
  // Starts after the first frame, since starting takes some milliseconds.
  setTimeout(() => watchdog.watch(), watchdogDelayMs).unref();
  const onStop = () => stop(process.pid);
  process.on('SIGTSTP', onStop);
  return {
    exit: (code) => leave(code),
    // Stops the whole process group: under `npm start` the shell waits for npm.
    suspend: () => stop(wholeGroup),
  };
}

/** True for an error of writing to a terminal that is gone. It often comes before a SIGHUP or the end of stdin. */
function isHangup(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EIO';
}
