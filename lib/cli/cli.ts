import { homedir } from 'node:os';
import { systemClock } from '../system/clock.ts';
import { type Context, exitCodes, type Machine } from '../system/context.ts';
import { crashMessage } from '../system/crash-report.ts';
import { exitProcess } from '../system/exit.ts';
import { awaitFilesystem } from '../system/filesystem-probe.ts';
import { plainCommand, plainCommands } from './plain-commands.ts';

const context: Context = {
  env: process.env,
  homeDir: homeDirectory(),
  /** Opened only on use: a status line does not read it. */
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  machine: machine(process.env.OTOP_PROC_ROOT),
};

/**
 * Returns this machine. `OTOP_PROC_ROOT` is for otop's own specs alone: a folder in the form of Linux' `/proc` with the
 * processes that a started otop shall see. It gives no more rights than the user of otop has.
 */
function machine(procRoot: string | undefined): Machine {
  return {
    platform: procRoot ? 'linux' : process.platform,
    procRoot: procRoot || '/proc',
    // Loaded on demand: `otop status` beside a running serve starts no program.
    run: async (...call) => (await import('../system/run-program.ts')).runCommand(...call),
    program: { node: process.execPath, script: process.argv[1] ?? '' },
  };
}

/** Returns the user's home folder. Without one, for example in a container, returns `/`, where otop finds nothing. */
function homeDirectory(): string {
  try {
    return homedir() || '/';
  } catch {
    // HOME is not set, and the user has no entry in the user database.
    return '/';
  }
}

/** The command names, once the command line is loaded. A crash report repeats no other word of the command line. */
let knownCommands: readonly string[] = [];

function crash(error: unknown): never {
  // The terminal disappeared during a write.
  if (error instanceof Error && 'code' in error && error.code === 'EIO') exitProcess(exitCodes.no);
  const unnamed = knownCommands.length > 0 ? 'dashboard' : 'start';
  const command = process.argv.find((word) => knownCommands.includes(word)) ?? unnamed;
  process.stderr.write(crashMessage(error, { command, troubles: [] }, context));
  process.exit(exitCodes.bug);
}

// The dashboard replaces these handlers with its own, which restore the terminal first.
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that closes the pipe (`otop sessions | head -1`) is no failure.
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  // The uncaughtException handler handles an error of the terminal.
  if (process.stdout.isTTY) throw error;
  process.stderr.write(`otop: cannot write the output: ${error.message}\n`);
  process.exit(exitCodes.no);
});
// stderr is closed; there is no one to report to.
process.stderr.on('error', () => undefined);

/** Exits after all output is written. If writing fails, the error listener above exits. */
function leave(exitCode: number): void {
  process.stdout.write('', (error) => {
    if (!error) exitProcess(exitCode);
  });
}

/** Exit code 2 on Windows: npm refuses to install there, but its `--force` does not. */
function refuseWindows(): number {
  process.stderr.write(
    'otop: Windows is not supported: use WSL (https://aka.ms/wsl), and install otop where opencode runs\n',
  );
  return exitCodes.usage;
}

async function run(args: readonly string[]): Promise<number> {
  if (context.machine.platform === 'win32') return refuseWindows();
  const plain = plainCommand(args);
  if (plain !== undefined) {
    knownCommands = [plain.name];
    const filesystem = await awaitFilesystem(context);
    return plainCommands[plain.name](plain.options, Object.assign(context, { filesystem }));
  }
  const { commandNames, runCommandLine } = await import('./command-line.ts');
  knownCommands = commandNames;
  return runCommandLine(args, context);
}

run(process.argv.slice(2)).then(leave, crash);
