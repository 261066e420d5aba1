import { homedir } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { systemClock } from './clock.ts';
import { type Context, exitCodes } from './context.ts';
import { columns } from './domain/columns.ts';
import { type Options, rowOptions, screenOptions, sourceOptions } from './options.ts';

/**
 * Builds the command line. Each command's code is loaded when it is run, so that `otop sessions` pays neither for
 * the screen nor for the rest.
 */
function commandLine(context: Context, finish: (exitCode: number) => void): Command {
  const program = new Command('otop');
  program
    .description(`${manifest.description}.`)
    .version(manifest.version, '-V, --version')
    .helpOption('-h, --help', 'say what there is')
    .helpCommand('help [command]', 'say more of one command')
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text, write) => write(`otop: ${stripVTControlCharacters(text).replace(/^error: /, '')}`),
    })
    .exitOverride();
  const add = (command: Command, options: ReturnType<typeof sourceOptions>) => {
    for (const option of options) command.addOption(option);
    return command.allowExcessArguments(command === program);
  };

  add(program, [...sourceOptions(), ...rowOptions(), ...screenOptions(columns.map(({ id }) => id))]).action(
    async (options: Options, root: Command) => {
      const [word] = root.args;
      if (word !== undefined) root.error(`unknown command '${word}'; \`otop help\` lists them`);
      const { runDashboard } = await import('./commands/dashboard.ts');
      finish(await runDashboard(options, context));
    },
  );
  add(program.command('sessions').description('print every session as JSON'), [
    ...sourceOptions(),
    ...rowOptions(),
  ]).action(async (_own: Options, command: Command) => {
    const { printSessions } = await import('./commands/sessions.ts');
    finish(await printSessions(command.optsWithGlobals<Options>(), context));
  });
  add(program.command('why').description('print why a session is matched to a process and has its state'), [
    ...sourceOptions(),
  ])
    .argument('<pid|session>', 'a process number or a session id')
    .action(async (subject: string, _own: Options, command: Command) => {
      const { printWhy } = await import('./commands/why.ts');
      finish(await printWhy(subject, command.optsWithGlobals<Options>(), context));
    });
  return program;
}

/**
 * Runs one command line and gives its exit code.
 * What commander refuses was said on stderr already and is 2; anything else that is thrown is a bug.
 */
async function run(args: readonly string[], context: Context): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = commandLine(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  return exitCode;
}

// A reader that goes away (`otop sessions | head -1`) is an end, not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

run(process.argv.slice(2), {
  env: process.env,
  homeDir: homedir(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
}).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(
      `otop ${manifest.version} failed: ${error instanceof Error ? error.stack : error}\n`,
    );
    process.exit(exitCodes.bug);
  },
);
