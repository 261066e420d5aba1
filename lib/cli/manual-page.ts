import type { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { columns } from '../domain/table/columns.ts';
import { shownKeys } from '../domain/ui/key-action.ts';
import { keymap } from '../domain/ui/keymap.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { capitalized } from '../text/format.ts';
import type { CommandOutline, OptionOutline } from './command-outline.ts';
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
    ...files.flatMap(([path, text]) => entry(path, text)),
    '.SH SEE ALSO',
    '.BR htop (1),',
    '.BR tmux (1)',
  ];
  return `${lines.join('\n')}\n`;
}

const about = [
  'One screen that shows every opencode session running on this machine, which process runs it, what it is doing, what it costs, and which ones need you.',
  "otop only reads: it takes no lock on opencode's database, opens no connection to it and writes none of its files.",
];

const exitStatus = [
  ['0', 'It worked; for a question: yes.'],
  ['1', 'It could not be done, for a reason that was said; for a question: no.'],
  ['2', 'The command line is wrong, or it could not be told.'],
  ['70', 'A bug in otop.'],
] as const;

const environment = [
  ['OPENCODE_DB', 'The database, as opencode itself takes it.'],
  ['OTOP_CONFIG', 'The configuration file; ~/.config/otop/config.jsonc unless set.'],
  ['XDG_DATA_HOME', 'Where opencode keeps its data; ~/.local/share unless set.'],
  ['XDG_STATE_HOME', 'Where otop keeps its own; ~/.local/state unless set.'],
  ['NO_COLOR', 'Where set and not empty: no colours.'],
] as const;

const files = [
  ['~/.local/share/opencode/opencode.db', 'What otop reads.'],
  ['~/.local/state/otop/', 'When you looked at which session, and reports of crashes; for the owner only.'],
] as const;

function commandLines({ name, description, argument, options }: CommandOutline): string[] {
  const word = argument && (argument.required ? `<${argument.name}>` : `[${argument.name}]`);
  const choices = argument && argument.choices.length > 0 ? ` One of ${argument.choices.join(', ')}.` : '';
  return [
    `.SS "${escaped(`otop ${name}${word === undefined ? '' : ` ${word}`}`)}"`,
    ...paragraphs([`${sentence(description)}${choices}`]),
    ...options.flatMap(optionLines),
  ];
}

function optionLines({ short, long, value, choices, description }: OptionOutline): string[] {
  const flags = (short === undefined ? [long] : [short, long]).map((flag) => `\\fB${escaped(flag)}\\fR`);
  const named = value === undefined ? '' : ` \\fI${escaped(value)}\\fR`;
  const list = choices.length > 0 ? ` One of ${choices.join(', ')}.` : '';
  return ['.TP', `${flags.join(', ')}${named}`, escaped(`${sentence(description)}${list}`)];
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
