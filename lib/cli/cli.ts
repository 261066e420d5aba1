import { homedir } from 'node:os';
import { systemClock } from '../system/clock.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { crashMessage } from '../system/crash-report.ts';
import { exitProcess } from '../system/exit.ts';
import { awaitFilesystem } from '../system/filesystem-probe.ts';
import { plainCommand, plainCommands } from './plain-commands.ts';

const context: Context = {
  env: process.env,
  homeDir: homeDirectory(),
  /** Opened by who asks for it: a status line has no use for it. */
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
};

/** The person's home; the root of the file system for one who has none, as in a container: nothing is found there. */
function homeDirectory(): string {
  try {
    return homedir() || '/';
  } catch {
    // No HOME, and the user is in no list of users.
    return '/';
  }
}

/** Those of the command line, once it is loaded: a crash report repeats no other word of it. */
let knownCommands: readonly string[] = [];

function crash(error: unknown): never {
  // A terminal that went away while something was printed on it.
  if (error instanceof Error && 'code' in error && error.code === 'EIO') exitProcess(exitCodes.no);
  const unnamed = knownCommands.length > 0 ? 'dashboard' : 'start';
  const command = process.argv.find((word) => knownCommands.includes(word)) ?? unnamed;
  process.stderr.write(crashMessage(error, { command, troubles: [] }, context));
  process.exit(exitCodes.bug);
}

// The dashboard has its own, which restore the terminal first.
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that goes away (`otop sessions | head -1`) is an end, not a failure.
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  // What draws on a terminal knows what to do about it.
  if (process.stdout.isTTY) throw error;
  process.stderr.write(`otop: cannot write the output: ${error.message}\n`);
  process.exit(exitCodes.no);
});
// Nobody is left to be told.
process.stderr.on('error', () => undefined);

/** Ends when all is written; where it cannot be, the listener above ends it. */
function leave(exitCode: number): void {
  process.stdout.write('', (error) => {
    if (!error) exitProcess(exitCode);
  });
}

async function run(args: readonly string[]): Promise<number> {
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
