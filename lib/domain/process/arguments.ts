import { isSessionId } from '../session/session-id.ts';
import type { ProcessKind } from './process.ts';

/** The parsed command line of an opencode process, by opencode's option tables (1.2.27 and 1.18.33 `--help`). */
export interface OpencodeArguments {
  /** Absent for the administrative commands (`models`, `auth`, `db`, …), `--help` and `--version`. */
  readonly kind?: ProcessKind;
  /** `-s ID`, `-s=ID`, `--session ID`, `--session=ID`. */
  readonly sessionId?: string;
  /** `-c`, `--continue`: the project's last updated session. */
  readonly continues: boolean;
  /** `--fork`: a new session, copied from the named one. */
  readonly forks: boolean;
  /** `--port N`; with 0 opencode chooses the port. */
  readonly port?: number;
  /** `--dir PATH` of `run` and `attach`. */
  readonly directory?: string;
  /** `opencode PATH`: the TUI changes into it. */
  readonly project?: string;
  /** `attach URL`, `run --attach URL`, `--server URL` of opencode 2: the server whose sessions this process shows. */
  readonly serverUrl?: string;
}

function words(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.join(' ').split(' '));
}

const sessionCommands: ReadonlyMap<string, ProcessKind> = new Map([
  ['run', 'run'],
  ['serve', 'serve'],
  ['web', 'web'],
  ['acp', 'acp'],
  ['attach', 'attach'],
  // The small TUI of opencode 2.
  ['mini', 'tui'],
]);

/** Commands without a session, with aliases, of all known versions; the last line belongs to opencode 2. */
const administrativeCommands = words(
  'completion mcp debug providers auth agent upgrade uninstall models stats export import github pr session plugin',
  'plug db generate',
  'service pair api console migrate reload',
);

const valuedOptions = words(
  'session model port hostname mdns-domain cors log-level prompt agent command format file title attach password',
  'username dir variant replay-limit server',
);

const flagOptions = words(
  'help version print-logs pure mdns continue fork auto mini no-replay share thinking interactive service',
  'register stdio standalone replay yolo dangerously-skip-permissions',
);

const shortOptions: Readonly<Record<string, string>> = {
  s: 'session',
  c: 'continue',
  m: 'model',
  h: 'help',
  v: 'version',
  f: 'file',
  p: 'password',
  u: 'username',
  i: 'interactive',
};

interface Parsed {
  readonly options: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
}

function isCommand(word: string): boolean {
  return sessionCommands.has(word) || administrativeCommands.has(word);
}

/** The option names of `--name`, `--name=value`, `-x`, `-x=value` and `-xy`, with the value after the `=`. */
function optionsOf(word: string): { readonly names: readonly string[]; readonly value?: string } {
  const equals = word.indexOf('=');
  const written = equals < 0 ? word : word.slice(0, equals);
  const names = written.startsWith('--')
    ? [written.slice(2)]
    : [...written.slice(1)].map((letter) => shortOptions[letter] ?? letter);
  return equals < 0 ? { names } : { names, value: word.slice(equals + 1) };
}

/** yargs takes the word after an unknown option as its value. A command's name is never such a value. */
function takesNext(name: string, next: string | undefined): next is string {
  if (next === undefined || flagOptions.has(name)) return false;
  return valuedOptions.has(name) || !(next.startsWith('-') || isCommand(next));
}

function parsed(args: readonly string[]): Parsed {
  const options = new Map<string, string>();
  const positionals: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (word === '--') return { options, positionals: [...positionals, ...args.slice(index + 1)] };
    if (!word.startsWith('-') || word === '-') {
      positionals.push(word);
      continue;
    }
    const { names, value } = optionsOf(word);
    const last = names.at(-1) ?? '';
    for (const name of names) options.set(name, '');
    const next = args[index + 1];
    if (value !== undefined) options.set(last, value);
    else if (takesNext(last, next)) {
      options.set(last, next);
      index += 1;
    }
  }
  return { options, positionals };
}

function kindOf({ options, positionals }: Parsed): ProcessKind | undefined {
  if (options.has('help') || options.has('version')) return undefined;
  const command = positionals[0] ?? '';
  if (administrativeCommands.has(command)) return undefined;
  return sessionCommands.get(command) ?? 'tui';
}

/** A process keeps its arguments, so every poll passes the same arrays. */
const argumentsCache = new WeakMap<readonly string[], OpencodeArguments>();

/**
 * Parses the arguments after the program like opencode's parser, yargs: options may precede the command, and `--` ends
 * them. Never throws. On macOS `ps` joins the arguments with spaces, so words of a prompt can look like options. The
 * result is cached by the array, which must not change afterwards.
 */
export function parseArguments(args: readonly string[]): OpencodeArguments {
  const cached = argumentsCache.get(args);
  if (cached !== undefined) return cached;
  const read = readArguments(args);
  argumentsCache.set(args, read);
  return read;
}

function readArguments(args: readonly string[]): OpencodeArguments {
  const { options, positionals } = parsed(args);
  const kind = kindOf({ options, positionals });
  const sessionId = options.get('session');
  const port = Number.parseInt(options.get('port') ?? '', 10);
  const directory = options.get('dir');
  const [first, second] = positionals;
  const serverUrl = kind === 'attach' ? second : options.get('attach') || options.get('server');
  const project = first !== undefined && sessionCommands.has(first) ? undefined : first;
  return {
    ...(kind ? { kind } : {}),
    ...(sessionId && isSessionId(sessionId) ? { sessionId } : {}),
    continues: options.has('continue'),
    forks: options.has('fork'),
    ...(Number.isInteger(port) ? { port } : {}),
    ...(directory ? { directory } : {}),
    ...(kind === 'tui' && project ? { project } : {}),
    ...(serverUrl ? { serverUrl } : {}),
  };
}
