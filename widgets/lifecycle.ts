import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { captureOutput, type Printable, type WarningSource } from './captured-output.ts';
import type { Terminal } from './terminal.ts';

/** What is needed of `process`; specs give a fake one. */
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

/** Restores the terminal where otop ends without being able to. */
export interface TerminalWatchdog {
  /** From now on the terminal is otop's. */
  watch(): void;
  /** The terminal is given back. */
  dismiss(): void;
}

/** What is guarded, and what is done before otop ends. */
export interface LifecycleOptions {
  readonly process: ProcessLike;
  readonly terminal: Terminal;
  readonly watchdog: TerminalWatchdog;
  /** Puts away what the app holds (temporary folders, watchers); must not throw and must not wait. */
  readonly beforeExit: () => void;
  /** Ends otop, also where its terminal is gone. */
  readonly exit: (code: number) => never;
  /** What a person is to read of a bug, the stack included; must not throw. */
  readonly crashMessage: (error: unknown) => string;
}

/** The way back to the shell. */
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
/** Long enough for a stop that takes effect to take effect; otherwise there is no shell that could stop us. */
const resumeDelayMs = 30;
const wholeGroup = 0;
const watchdogDelayMs = 100;

/**
 * Restores the terminal on every way out: signals end with 128+n, a bug prints its stack and ends with 70.
 * blessed's own handlers give way as soon as anyone else listens, exit with 0, and know neither SIGHUP nor SIGTSTP.
 */
export function guardTerminal(options: LifecycleOptions): Lifecycle {
  const { process, terminal, watchdog, beforeExit, exit } = options;
  const restoreOutput = captureOutput([process.stdout, process.stderr], process);
  let leaving = false;

  const leave = (code: number, crashMessage = ''): never => {
    if (!leaving) {
      leaving = true;
      const isRestored = terminal.destroy();
      const stray = restoreOutput();
      // A terminal that takes nothing would hold us here for good; its watchdog restores it when it does.
      if (isRestored) watchdog.dismiss();
      else watchdog.watch();
      if (stray + crashMessage !== '' && (isRestored || !isatty(2)))
        process.stderr.write(stray + crashMessage);
      beforeExit();
    }
    return exit(code);
  };
  for (const signal of endSignals)
    process.on(signal, () => leave(signalExitBase + constants.signals[signal]));
  const crash = (error: unknown) =>
    isHangup(error) ? leave(hangupExitCode) : leave(bugExitCode, options.crashMessage(error));
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    // Those of the commands without a screen give way.
    process.removeAllListeners(event);
    process.on(event, crash);
  }
  // A pane that is closed: its end arrives here, with or without a SIGHUP.
  for (const event of ['end', 'error'] as const) process.stdin.on(event, () => leave(hangupExitCode));

  // First leave the screen, then stop as if nobody had listened: a shell that wakes up earlier would lose its prompt.
  const stop = (target: number) => {
    process.off('SIGTSTP', onStop);
    const resume = terminal.pause();
    watchdog.dismiss();
    process.kill(target, 'SIGTSTP');
    // Runs after `fg`; or at once where nothing stopped us, as in a pane or a popup without a shell.
    setTimeout(() => {
      process.on('SIGTSTP', onStop);
      resume();
      watchdog.watch();
      // Of a size that changed meanwhile only the shell was told, which was in front: node asks for it again.
      process.kill(process.pid, 'SIGWINCH');
    }, resumeDelayMs);
  };
  // Not before the first frame: starting it takes some milliseconds.
  setTimeout(() => watchdog.watch(), watchdogDelayMs).unref();
  const onStop = () => stop(process.pid);
  process.on('SIGTSTP', onStop);
  return {
    exit: (code) => leave(code),
    // To the whole group: below `npm start` it is npm that the shell waits for.
    suspend: () => stop(wholeGroup),
  };
}

/** A terminal that is gone refuses what is written to it, often before its end is told otherwise. */
function isHangup(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EIO';
}
