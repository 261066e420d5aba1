import { isIP } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';
import { type Size, serveDefaults } from '../config/options.ts';
import { statusFormats } from '../domain/board/status-format-names.ts';
import { parseServerAddress, type ServerAddress } from '../domain/process/server-address.ts';
import { parseSshHost, type SshHost } from '../domain/process/ssh-host.ts';
import { themeNames } from '../domain/schema/configuration.ts';
import { logLevels } from '../system/logger.ts';

/** Parses a size like `120x40`. Throws commander's InvalidArgumentError. */
function parseSize(text: string): Size {
  const found = /^(\d{1,4})x(\d{1,4})$/.exec(text);
  const cols = Number(found?.[1]);
  const rows = Number(found?.[2]);
  if (!found || cols < 1 || rows < 1 || cols > 1000 || rows > 1000) {
    throw new InvalidArgumentError(
      'A size is COLUMNSxROWS, for example 120x40; each number is from 1 to 1000.',
    );
  }
  return { cols, rows };
}

/** Refuses an empty path, for example of an unset variable in a script: it would mean the current folder. */
function parsePath(text: string): string {
  if (text === '') throw new InvalidArgumentError('A path must not be empty.');
  return text;
}

function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError('A seed is a whole number of up to nine digits.');
  return Number(text);
}

/** Parses seconds and returns milliseconds. Unlike htop's `-d`, which takes tenths of a second, a plain number is seconds. */
function parseDelay(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds >= 0.2 && seconds <= 60)) {
    throw new InvalidArgumentError('A delay is a number of seconds from 0.2 to 60.');
  }
  return Math.round(seconds * 1000);
}

/** Adds a server to the list. Throws commander's InvalidArgumentError, whose message never contains a password. */
function addServer(text: string, before: readonly ServerAddress[] = []): readonly ServerAddress[] {
  const address = parseServerAddress(text);
  if ('refused' in address) throw new InvalidArgumentError(address.refused);
  return [...before, address];
}

/** Adds a machine to the list. Throws commander's InvalidArgumentError. */
function addHost(text: string, before: readonly SshHost[] = []): readonly SshHost[] {
  const host = parseSshHost(text);
  if ('refused' in host) throw new InvalidArgumentError(host.refused);
  return [...before, host];
}

/** Parses a TCP port; 0 lets the system choose one. */
function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  }
  return port;
}

function parseAddress(text: string): string {
  if (text === 'localhost') return '127.0.0.1';
  if (isIP(text) === 0) {
    throw new InvalidArgumentError(
      'An address is an IP address, for example 127.0.0.1, 0.0.0.0 or ::1, or localhost.',
    );
  }
  return text;
}

/** Returns the options for the sources of sessions and for otop's own log, of every command that reads sessions. */
export function sourceOptions(): Option[] {
  return [
    new Option('--db <path>', 'read this database of opencode instead of the ones that otop finds').argParser(
      parsePath,
    ),
    new Option('--server <url>', 'also show the sessions of this opencode server; repeatable').argParser(
      addServer,
    ),
    // Without `--servers` commander would set a default of `servers` on every command, and the outermost would win.
    new Option('--servers').hideHelp(),
    new Option('--no-servers', 'connect to no opencode server, not even to local ones').conflicts('server'),
    new Option('--host <name>', 'also show the sessions of this machine, by ssh; repeatable').argParser(
      addHost,
    ),
    new Option(
      '--otop <url>',
      'also show the sessions of the `otop serve` at this URL; repeatable',
    ).argParser(addServer),
    new Option('--hosts').hideHelp(),
    new Option('--no-hosts', 'connect to no other machine').conflicts(['host', 'otop']),
    new Option('--demo', 'show a simulated fleet instead of this machine').default(undefined),
    new Option('--seed <n>', 'the number of the simulated fleet; implies --demo')
      .argParser(parseSeed)
      .implies({ demo: true }),
    new Option('--log <file>', 'write the actions and errors of otop to this file').argParser(parsePath),
    new Option('--log-level <level>', 'how much it writes (default: info)').choices(logLevels),
  ];
}

/** Returns the options for the choice of rows, of every command that lists sessions. */
export function rowOptions(): Option[] {
  return [
    new Option('-a, --all', 'also show sessions without a process, and processes of tools'),
    new Option('--include-noninteractive', 'also show sessions of `opencode run`'),
  ];
}

/** Returns the output options of `otop sessions`. */
export function outputOptions(): Option[] {
  return [
    new Option('--watch', 'keep running, and print a line of JSON for each change'),
    new Option('--schema', 'print the JSON Schema of the output instead').conflicts('watch'),
  ];
}

/** Returns the options of `otop doctor`. */
export function doctorOptions(): Option[] {
  return [new Option('--report', 'add a frame and all evidence, for a bug report; private text is replaced')];
}

/** Returns the output options of `otop waiting`. */
export function answerOptions(): Option[] {
  return [
    new Option('-q, --quiet', 'print nothing: the exit code is the answer'),
    new Option('--json', 'print them as `otop sessions` does'),
  ];
}

/**
 * Returns `--config`. Every command accepts it, since a configuration can name servers and machines; two commands show
 * it in their help.
 */
export function configOption(): Option {
  return new Option(
    '--config <file>',
    'the configuration (default: OTOP_CONFIG, else ~/.config/otop/config.jsonc)',
  ).argParser(parsePath);
}

/** Returns the options of `otop config`. */
export function configOptions(): Option[] {
  return [configOption(), new Option('--schema', 'print the JSON Schema of the configuration instead')];
}

/** Returns the options of `otop status`. */
export function statusOptions(): Option[] {
  return [
    new Option('--format <format>', 'the format of the line').choices([...statusFormats]).default('plain'),
    asciiOption(),
    portOption('ask only the `otop serve` on this port'),
  ];
}

/** Returns the options of `otop bar-status`, the Go otop's name for SwiftBar's status. */
export function barStatusOptions(): Option[] {
  return [asciiOption(), portOption('ask only the `otop serve` on this port')];
}

/** Returns the options of `otop bar`. */
export function barOptions(): Option[] {
  return [
    new Option('-y, --yes', 'ask nothing: write it, and reload tmux'),
    new Option('--force', 'also what was changed by hand'),
    new Option('--serve', 'with `otop serve` as a service of yours, under systemd or launchd'),
    new Option('--no-serve', 'leave that service alone'),
    new Option(
      '--file <file>',
      "tmux's or waybar's configuration, if it is another than the usual",
    ).argParser(parsePath),
    new Option('--folder <path>', "SwiftBar's plugin folder, if SwiftBar cannot tell").argParser(parsePath),
  ];
}

/** Returns the options of `otop serve`. */
export function serveOptions(): Option[] {
  return [
    portOption('listen on this port').default(serveDefaults.port),
    new Option('-b, --bind <address>', 'listen on this address; any address but loopback needs a token')
      .argParser(parseAddress)
      .default(serveDefaults.bind),
    new Option('--allow-host <name...>', 'also accept this name in the Host header'),
    delayOption(),
    new Option('--read-only', 'refuse every fork'),
    new Option('--make-token', 'create a token, print its path, and exit'),
  ];
}

function portOption(help: string): Option {
  return new Option('-p, --port <port>', help).argParser(parsePort);
}

function delayOption(): Option {
  return new Option(
    '-d, --delay <seconds>',
    'time between two looks; three times as long while nothing happens',
  ).argParser(parseDelay);
}

function asciiOption(): Option {
  return new Option('--ascii', 'only ASCII characters in frames and signs');
}

/** Returns `--no-color`. Every command accepts it, since scripts pass it to any; most print no colours anyway. */
export function noColorOption(): Option {
  return new Option('-C, --no-color', 'no colours, like NO_COLOR');
}

/** Returns the options of the dashboard. `sortNames` are the ids of the column table, so a new column is a new choice. */
export function screenOptions(sortNames: readonly string[]): Option[] {
  return [
    new Option('--once', 'print one frame as text and exit'),
    new Option('--size <COLSxROWS>', 'size of that frame').argParser(parseSize),
    delayOption(),
    new Option('-s, --sort <column>', 'sort by a column').choices(sortNames),
    new Option('--theme <name>', 'the colours').choices(themeNames),
    configOption(),
    noColorOption(),
    new Option('-M, --no-mouse', 'leave the mouse to the terminal'),
    asciiOption(),
    new Option('--read-only', 'no key acts on a session or a process'),
    new Option('--exit-on-jump', 'quit after a jump to a session, for popups'),
  ];
}
