import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { barNames, type Options } from '../config/options.ts';
import { columns } from '../domain/table/columns.ts';
import { type Filter, parseFilter } from '../domain/table/filter.ts';
import { versionText } from '../system/build.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { awaitFilesystem } from '../system/filesystem-probe.ts';
import { type Logger, openLogger } from '../system/logger.ts';
import { nearest } from '../text/compare.ts';
import { sanitize, sanitizeLines } from '../text/sanitize.ts';
import { textWidth } from '../text/width.ts';
import {
  answerOptions,
  barOptions,
  barStatusOptions,
  configOption,
  configOptions,
  doctorOptions,
  noColorOption,
  outputOptions,
  rowOptions,
  screenOptions,
  serveOptions,
  sourceOptions,
  statusOptions,
} from './options.ts';
import { plainCommands } from './plain-commands.ts';

/** One command: its help, its options, and its code, which is loaded when the command runs. */
interface CommandRecord {
  /** Empty for the dashboard, which has no command name. */
  readonly name: string;
  readonly description: string;
  readonly options: () => readonly Option[];
  readonly arguments?: readonly Argument[];
  /** True if the command reads none of the user's files, so it needs no check of the file systems. */
  readonly readsNoUserFiles?: true;
  /** Runs the command and resolves with its exit code. `words` are the arguments. */
  run(words: readonly string[], options: Options, context: Context, program: Command): Promise<number>;
}

/** The source of parsing, help, completions and the man page. */
const commands: readonly CommandRecord[] = [
  {
    name: '',
    description: `${manifest.description}.`,
    options: () => [
      ...sourceOptions(),
      ...rowOptions(),
      filterOption(),
      ...screenOptions(columns.map(({ id }) => id)),
    ],
    run: (_words, options, context) => plainCommands[''](options, context),
  },
  {
    name: 'sessions',
    description: 'print every session as JSON',
    options: () => [...sourceOptions(), ...rowOptions(), filterOption(), ...outputOptions()],
    run: (_words, options, context) => plainCommands.sessions(options, context),
  },
  {
    name: 'waiting',
    description:
      'print the sessions that need you, longest wait first; exits 0 if any, 1 if none, 2 if unknown',
    options: () => [...sourceOptions(), ...rowOptions(), filterOption(), ...answerOptions()],
    run: (_words, options, context) => plainCommands.waiting(options, context),
  },
  {
    name: 'next',
    description: 'jump to the tmux pane of the session that has waited longest',
    options: () => [...sourceOptions(), ...rowOptions(), filterOption()],
    run: (_words, options, context) => plainCommands.next(options, context),
  },
  {
    name: 'why',
    description: 'print all evidence for the session and the state of a process',
    options: sourceOptions,
    arguments: [new Argument('<pid|session>', 'a process number or a session id')],
    async run([subject = ''], options, context) {
      const { printWhy } = await import('../commands/why.ts');
      return printWhy(subject, options, context);
    },
  },
  {
    name: 'plugin',
    description: "install or remove otop's plugin for opencode, or print which sessions have loaded it",
    options: () => [],
    arguments: [new Argument('<action>', 'what to do').choices(['install', 'uninstall', 'status'])],
    async run([action = ''], _options, context) {
      const { runPlugin } = await import('../commands/plugin.ts');
      return runPlugin(action, context);
    },
  },
  {
    name: 'doctor',
    description: 'check everything that otop depends on, with advice; exits 1 if there is a problem',
    options: () => [...sourceOptions(), ...doctorOptions()],
    async run(_words, options, context) {
      const { runDoctor } = await import('../commands/doctor.ts');
      return runDoctor(options, context);
    },
  },
  {
    name: 'config',
    description: 'print the path of the configuration and all current settings; exits 1 if it has mistakes',
    options: configOptions,
    async run(_words, options, context) {
      const { printConfig } = await import('../commands/config.ts');
      return printConfig(options, context);
    },
  },
  {
    name: 'status',
    description: 'print one line for a status bar: how many sessions need you, work, and are idle',
    options: () => [...sourceOptions(), ...rowOptions(), filterOption(), ...statusOptions()],
    run: (_words, options, context) => plainCommands.status(options, context),
  },
  {
    name: 'bar-status',
    description: 'the same as `status --format swiftbar`',
    options: () => [...sourceOptions(), ...rowOptions(), filterOption(), ...barStatusOptions()],
    run: (_words, options, context) => plainCommands['bar-status'](options, context),
  },
  {
    name: 'bar',
    description:
      'put otop into a status bar, take it out again, or check what is there; shows what it writes, and asks',
    options: barOptions,
    arguments: [
      new Argument('<action>', 'what to do').choices(['install', 'uninstall', 'check']),
      new Argument('[bar]', 'which bar; `check` without one looks at all').choices(barNames),
    ],
    async run([action = '', name], options, context) {
      const { runBar } = await import('../commands/bar.ts');
      return runBar(action, name, options, context);
    },
  },
  {
    name: 'serve',
    description:
      'serve sessions, events and metrics over HTTP, to this machine only unless --bind says otherwise',
    options: () => [...sourceOptions(), ...rowOptions(), ...serveOptions()],
    async run(_words, options, context) {
      const { runServe } = await import('../commands/serve.ts');
      return runServe(options, context);
    },
  },
  {
    name: 'completions',
    readsNoUserFiles: true,
    description: 'print the completions for a shell',
    options: () => [],
    arguments: [new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish'])],
    async run([shell = ''], _options, context, program) {
      const { printCompletions } = await import('./completions.ts');
      return printCompletions(shell, program, context);
    },
  },
  {
    name: 'man',
    readsNoUserFiles: true,
    description: 'print the man page; `otop man | man -l -` shows it',
    options: () => [],
    async run(_words, _options, context, program) {
      const { printManual } = await import('./manual-page.ts');
      return printManual(program, context);
    },
  },
  {
    name: 'help',
    readsNoUserFiles: true,
    description: 'print the options of a command',
    options: () => [],
    arguments: [new Argument('[command]', 'the command')],
    async run([name = ''], _options, _context, program) {
      const command = name === '' ? program : program.commands.find((each) => each.name() === name);
      if (command === undefined) return program.error(unknownCommand(name));
      command.outputHelp();
      return exitCodes.ok;
    },
  },
];

/** Formats an error of commander. Removes a value that may contain a password (`//user:secret@host`). */
function presentable(error: string): string {
  const message = error
    .replace(/^error: /, '')
    .replace(/ argument '[\s\S]*@[\s\S]*' is invalid/, ' is invalid');
  return `${sanitizeLines(message).join('\n')}\n`;
}

/** The names of all commands. */
export const commandNames: readonly string[] = commands.map(({ name }) => name).filter((name) => name !== '');

/**
 * Returns the command line as declared: names, options, arguments and their checks. A command without an action does
 * nothing. Help, completions, the man page and `docs/reference.md` are made from it. `prepare` is called before the
 * commands are added, since they inherit the settings of the program.
 */
export function declaredCommandLine(prepare: (program: Command) => void = () => undefined): Command {
  const program = new Command('otop');
  program
    .version(versionText(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .exitOverride();
  prepare(program);
  for (const record of commands) {
    const command = record.name === '' ? program : program.command(record.name);
    command.description(record.description);
    for (const option of record.options()) command.addOption(option);
    for (const argument of record.arguments ?? []) command.addArgument(argument);
    command.allowExcessArguments(command === program);
  }
  program.hook('preAction', (_program, command) => {
    const [word] = command.args;
    if (command === program && word !== undefined) program.error(unknownCommand(word));
    refuseForeignOptions(command, program);
  });
  return program;
}

/**
 * Adds the actions to the command line. Each command loads its code when it runs, so that `otop sessions` does not load
 * the screen. `finish` is called with the exit code.
 */
function commandLine(context: Context, finish: (exitCode: number) => void): Command {
  const program = declaredCommandLine((prepared) =>
    prepared.configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text, write) => write(`otop: ${presentable(text)}`),
    }),
  );
  for (const command of [program, ...program.commands]) {
    const record = commands.find(({ name }) => name === (command === program ? '' : command.name()));
    if (record === undefined) continue;
    command.action(async () => {
      const options = command.optsWithGlobals<Options>();
      const filesystem = record.readsNoUserFiles ? undefined : await awaitFilesystem(context);
      const logger = startLogger(record.name, options, context, program);
      const commandContext = { ...context, ...(filesystem && { filesystem }), ...(logger && { logger }) };
      finish(await record.run(command.args, options, commandContext, program));
    });
  }
  return program;
}

/** The options that every command accepts: the sources of sessions, the configuration and the colours. */
const commonOptions = [...sourceOptions(), configOption(), noColorOption()].map((option) =>
  option.attributeName(),
);

/**
 * Refuses options of the dashboard for other commands. Commander would accept and ignore them, for example in
 * `otop sessions --sort cost`.
 */
function refuseForeignOptions(command: Command, program: Command): void {
  const known = new Set([...commonOptions, ...command.options.map((option) => option.attributeName())]);
  const foreign = program.options.find((option) => {
    const name = option.attributeName();
    return program.getOptionValueSource(name) === 'cli' && !known.has(name);
  });
  if (foreign === undefined) return;
  const name = command.name();
  program.error(`'${name}' has no option '${foreign.long}'; \`otop help ${name}\` lists its options`);
}

/**
 * Runs one command line and returns its exit code. If commander refuses the arguments, it has printed why on stderr,
 * and the exit code is 2. Any other error is a bug and is rethrown.
 */
export async function runCommandLine(args: readonly string[], context: Context): Promise<number> {
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

/** Opens otop's own log for `--log`; undefined without it. Logs the start, and the end unless the process is killed. */
function startLogger(
  name: string,
  { log, logLevel = 'info' }: Options,
  { clock }: Context,
  program: Command,
): Logger | undefined {
  if (log === undefined) return undefined;
  try {
    const logger = openLogger({ path: log, level: logLevel, nowMs: clock.nowMs });
    const { pid, platform, version } = process;
    logger.log('info', 'start', {
      otop: manifest.version,
      command: name || 'dashboard',
      pid,
      node: version,
      platform,
    });
    process.once('exit', (code) => logger.log('info', 'end', { pid, code }));
    return logger;
  } catch (error) {
    return program.error(`cannot write the log ${log}: ${error instanceof Error ? error.message : error}`);
  }
}

function unknownCommand(word: string): string {
  const meant = nearest(word, commandNames);
  const hint = meant === undefined ? '`otop help` lists the commands' : `did you mean ${meant}?`;
  return `unknown command '${word}'; ${hint}`;
}

/** The option `--filter` of every command that lists sessions; its value is a `Filter`. */
function filterOption(): Option {
  return new Option(
    '-f, --filter <query>',
    'only sessions that match, as in `status:asking cost>1`',
  ).argParser(parseQuery);
}

/** Parses a filter. Throws commander's InvalidArgumentError with the problem and a `^` under its place. */
function parseQuery(text: string): Filter {
  const parsed = parseFilter(text);
  if ('filter' in parsed) return parsed.filter;
  const indent = ' '.repeat(textWidth(sanitize(text.slice(0, parsed.at).replace(/\s/g, '.'))));
  throw new InvalidArgumentError(`${parsed.problem}\n  ${text.replace(/\s/g, ' ')}\n  ${indent}^`);
}
