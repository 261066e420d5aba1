import type { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { columns } from '../domain/table/columns.ts';
import { shownKeys } from '../domain/ui/key-action.ts';
import { keymap } from '../domain/ui/keymap.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { capitalized } from '../text/format.ts';
import type { ArgumentOutline, CommandOutline, OptionOutline } from './command-outline.ts';
import { outlineOf } from './command-outline.ts';

/** Returns the man page otop(1) in roff's man macros (groff_man(7)), which mandoc supports too. */
export function manualPage(
  commands: readonly CommandOutline[],
  { version, description }: { readonly version: string; readonly description: string },
): string {
  const [alone, ...named] = commands;
  const lines = [
    `.TH OTOP 1 "" "otop ${escaped(version)}" "User Commands"`,
    '.SH NAME',
    `otop \\- ${escaped(description)}`,
    '.SH SYNOPSIS',
    '.B otop',
    '[\\fIoption\\fR ...]',
    '.br',
    '.B otop',
    '\\fIcommand\\fR [\\fIoption\\fR ...]',
    '.SH DESCRIPTION',
    ...paragraphs(about),
    '.SH OPTIONS',
    ...(alone?.options ?? []).flatMap(optionLines),
    '.SH COMMANDS',
    ...named.flatMap(commandLines),
    '.SH KEYS',
    ...keymap.flatMap((binding) => entry(shownKeys(binding), binding.help)),
    '.SH COLUMNS',
    ...columns.flatMap(({ id, title, help }) => entry(id, title === '' ? help : `${title}: ${help}`)),
    '.SH EXIT STATUS',
    ...exitStatus.flatMap(([code, text]) => entry(code, text)),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([name, text]) => entry(name, text)),
    '.SH FILES',
    ...ownFiles.flatMap(([path, text]) => entry(path, text)),
    '.SH SEE ALSO',
    '.BR htop (1),',
    '.BR tmux (1)',
  ];
  return `${lines.join('\n')}\n`;
}

const about = [
  'otop shows every opencode session of this machine on one screen: the process that runs it, its state, what it costs, and whether it needs you.',
  "otop takes no lock on opencode's database, opens no connection to it, and writes none of opencode's files.",
  "otop acts only at your key or command. o and otop next switch tmux to a pane. The inbox (i) sends your answer to an opencode server, and X ends a turn there. F9 sends a signal to a process. y and Y copy text. F2 writes otop's configuration. otop plugin install puts a file into opencode's plugin folder. otop bar changes the configuration of a status bar, and starts or stops a service of yours, after it has asked. A fork requested from otop serve starts opencode run. --read-only rejects the inbox, X, F9 and forks.",
];

/** The exit codes with their meaning, for the man page and `docs/reference.md`. */
export const exitStatus: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'Success; for a question: yes.'],
  ['1', 'A failure, whose reason was printed; for a question: no.'],
  ['2', 'The command line is wrong, or the question cannot be decided.'],
  ['70', 'A bug in otop.'],
];

/** The environment variables that otop reads, for the man page and `docs/reference.md`. */
export const environment: readonly (readonly [name: string, meaning: string])[] = [
  ['OTOP_CONFIG', 'The configuration file; by default ~/.config/otop/config.jsonc.'],
  ['OTOP_TOKEN', 'The token of otop serve, and for every otop serve that --otop names.'],
  [
    'OTOP_TOKEN_HOST',
    'The token for one host of --otop, in capitals: OTOP_TOKEN_BOX_EXAMPLE for box.example.',
  ],
  [
    'OTOP_TOKENS',
    'A file with a line "URL TOKEN" for each otop serve; only its owner may be able to read it.',
  ],
  [
    'OTOP_SERVER_PASSWORDS',
    'A file with a line "URL NAME:PASSWORD" for each opencode server; only its owner may be able to read it.',
  ],
  ['OPENCODE_SERVER_PASSWORD', 'The password of the opencode servers, as for opencode itself.'],
  ['OPENCODE_SERVER_USERNAME', 'The user name for that password; by default opencode.'],
  ['OPENCODE_DB', 'The database, as for opencode itself.'],
  ['OPENCODE_CONFIG', "opencode's configuration file, for model limits and MCP servers."],
  ['OPENCODE_CONFIG_DIR', "Another folder of opencode's configuration."],
  ['OPENCODE_DISABLE_PROJECT_CONFIG', 'If set, otop reads no opencode configuration of projects.'],
  ['OPENCODE_MODELS_PATH', "opencode's list of models with their limits and prices."],
  ['XDG_DATA_HOME', "The folder of opencode's data; by default ~/.local/share."],
  ['XDG_STATE_HOME', "The folder of otop's own files; by default ~/.local/state."],
  ['XDG_CONFIG_HOME', 'The folder of the configurations; by default ~/.config.'],
  ['XDG_CACHE_HOME', "The folder of opencode's list of models; by default ~/.cache."],
  ['NO_COLOR', 'If set and not empty, otop uses no colours.'],
  ['TERM', 'The type of the terminal; on a dumb one only `otop --once` works.'],
  ['LC_ALL, LC_CTYPE, LANG', 'The first that is set must name UTF-8; otherwise otop draws in ASCII.'],
  ['COLUMNS, LINES', 'The size of a frame of --once without --size, as watch(1) sets them.'],
  [
    'TMUX, TMUX_TMPDIR',
    'The tmux server of this terminal, and the folder of the sockets of all tmux servers.',
  ],
];

/** The files that otop writes, for the man page and `docs/reference.md`. Only their owner can read them. */
export const ownFiles: readonly (readonly [path: string, content: string])[] = [
  ['~/.config/otop/config.jsonc', 'The configuration, if you change it with F2.'],
  ['~/.config/otop/token', 'The token of otop serve, if you create one.'],
  ['~/.config/opencode/plugins/otop.js', 'The plugin, if you install it.'],
  [
    'what otop bar shows first',
    "Marked lines in the configuration of tmux or waybar, SwiftBar's plugin, and a service of yours.",
  ],
  ['~/.local/state/otop/viewed.json', 'When you viewed each session.'],
  ['~/.local/state/otop/view.json', 'The sort order and the layout of rows.'],
  ['~/.local/state/otop/hints.json', 'The hints that you have seen, each of which is shown once.'],
  ['~/.local/state/otop/answers.log', 'The answers that you gave in the inbox.'],
  ['~/.local/state/otop/serve.json', 'The address of a running otop serve.'],
  ['~/.local/state/otop/markers/', 'What the plugin reports, one file for each opencode process.'],
  [
    '~/.local/state/otop/crash-....txt',
    'The last five crashes: stack and versions, no content of a session.',
  ],
  ['FILE of --log', 'The actions and errors of otop. Above 4 MiB it becomes FILE.1.'],
  ['otop-demo-... in the temporary folder', 'The simulated fleet of --demo, until otop ends.'],
];

function commandLines({ name, description, arguments: words, options }: CommandOutline): string[] {
  const shown = words.map((word) => (word.required ? ` <${word.name}>` : ` [${word.name}]`)).join('');
  const choices = words
    .filter((word) => word.choices.length > 0)
    .map((word) => choicesOf(word, words.length));
  return [
    `.SS "${escaped(`otop ${name}${shown}`)}"`,
    ...paragraphs([`${sentence(description)}${choices.join('')}`]),
    ...options.flatMap(optionLines),
  ];
}

/** Lists the words that an argument may be; its name says whose they are if there are others. */
function choicesOf({ name, choices }: ArgumentOutline, count: number): string {
  return count === 1
    ? ` One of ${choices.join(', ')}.`
    : ` ${capitalized(name)}: one of ${choices.join(', ')}.`;
}

function optionLines({ short, long, value, choices, description, fallback }: OptionOutline): string[] {
  const flags = (short === undefined ? [long] : [short, long]).map((flag) => `\\fB${escaped(flag)}\\fR`);
  const named = value === undefined ? '' : ` \\fI${escaped(value)}\\fR`;
  const list = choices.length > 0 ? ` One of ${choices.join(', ')}.` : '';
  const unless = fallback === undefined ? '' : ` Default: ${fallback}.`;
  return ['.TP', `${flags.join(', ')}${named}`, escaped(`${sentence(description)}${list}${unless}`)];
}

function entry(term: string, description: string): string[] {
  return ['.TP', `.B "${escaped(term).replaceAll('"', '\\(dq')}"`, escaped(sentence(description))];
}

function paragraphs(parts: readonly string[]): string[] {
  return parts.flatMap((part) => ['.PP', escaped(part)]);
}

function sentence(words: string): string {
  const line = capitalized(words);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

/** Escapes text for roff: backslashes, hyphens, characters beyond ASCII, and a control character at the line's start. */
function escaped(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/[^\x00-\x7f]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`;
    })
    .replace(/^[.']/, '\\&$&');
}

/** `otop man`: prints the man page as roff, for `man -l -` and for the package. Returns the exit code. */
export function printManual(program: Command, { stdout }: Context): number {
  stdout.write(manualPage(outlineOf(program), manifest));
  return exitCodes.ok;
}
