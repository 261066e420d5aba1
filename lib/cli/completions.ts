import type { Command } from 'commander';
import { type Context, exitCodes } from '../system/context.ts';
import {
  type ArgumentOutline,
  type CommandOutline,
  type OptionOutline,
  outlineOf,
} from './command-outline.ts';

/**
 * Returns the completion for bash 3.2 (the bash of macOS) and newer. Without a match readline completes a file name
 * (`-o default`); the script turns that off if a value is no file.
 */
export function bashCompletion(commands: readonly CommandOutline[]): string {
  const options = commands.flatMap((command) => command.options);
  const values = options.filter(({ value }) => value !== undefined);
  return `# bash completion for otop; put it where bash-completion looks, or: source <(otop completions bash)
_otop() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command= words= i
  # --option=value arrives as three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${values.flatMap(flagsOf).filter(unique).join('|')})
        ((i++))
        [[ \${COMP_WORDS[i]} == = ]] && ((i++)) ;;
      -*|=) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  COMPREPLY=()
  case $before in
${values.filter(firstOfFlag).map(valueCase).join('\n')}
  esac
  case $command in
${commands.map((command) => bashCase(command, commands)).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ \${#COMPREPLY[@]} -gt 0 ]] || compopt +o default 2>/dev/null
}
complete -o default -F _otop otop
`;
}

const unique = <T>(item: T, index: number, all: readonly T[]) => all.indexOf(item) === index;
const firstOfFlag = (option: OptionOutline, index: number, all: readonly OptionOutline[]) =>
  all.findIndex(({ long }) => long === option.long) === index;

function flagsOf({ short, long }: OptionOutline): string[] {
  return short === undefined ? [long] : [short, long];
}

function valueCase(option: OptionOutline): string {
  const flags = flagsOf(option).join('|');
  if (takesFile(option)) return `    ${flags}) return ;;`;
  const words = option.choices.join(' ');
  if (words === '') return `    ${flags}) compopt +o default 2>/dev/null; return ;;`;
  return `    ${flags}) COMPREPLY=($(compgen -W '${words}' -- "$current")); return ;;`;
}

function bashCase(command: CommandOutline, commands: readonly CommandOutline[]): string {
  const flags = command.options.flatMap(flagsOf);
  const names =
    command.name === '' || command.name === 'help'
      ? commands.map(({ name }) => name).filter((name) => name !== '')
      : [];
  const words = [...names, ...command.arguments.flatMap(({ choices }) => choices), ...flags].join(' ');
  return `    ${command.name === '' ? "''" : command.name}) words='${words}' ;;`;
}

/** True if the option's value is a file name. */
function takesFile({ value }: OptionOutline): boolean {
  return value === 'path' || value === 'file';
}

/** Returns the completion for fish 3 and newer: one `complete` line for each command, option and argument. */
export function fishCompletion(commands: readonly CommandOutline[]): string {
  const names = commands.map(({ name }) => name).filter((name) => name !== '');
  const lines = commands.flatMap(({ name, description, options, arguments: words }) => {
    const when = name === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${name}`;
    const own = options.map((option) => `complete -c otop -n ${fishQuoted(when)} ${fishFlags(option)}`);
    const lists = name === 'help' ? [names] : words.map(({ choices }) => choices);
    for (const [index, choices] of lists.entries()) {
      if (choices.length === 0) continue;
      const before = lists
        .slice(0, index)
        .map((each) => `; and __fish_seen_subcommand_from ${each.join(' ')}`);
      const condition = fishQuoted(`${when}${before.join('')}`);
      own.push(`complete -c otop -n ${condition} -a ${fishQuoted(choices.join(' '))}`);
    }
    if (name === '') return own;
    return [`complete -c otop -n __fish_use_subcommand -a ${name} -d ${fishQuoted(description)}`, ...own];
  });
  return `# fish completion for otop: otop completions fish > ~/.config/fish/completions/otop.fish
complete -c otop -f
${lines.join('\n')}
`;
}

function fishFlags(option: OptionOutline): string {
  const { short, long, value, choices, description } = option;
  const words = [`-l ${long.replace(/^--/, '')}`];
  if (short !== undefined) words.push(`-s ${short.replace(/^-/, '')}`);
  if (value !== undefined) words.push(takesFile(option) ? '-r -F' : '-x');
  if (choices.length > 0) words.push(`-a ${fishQuoted(choices.join(' '))}`);
  return [...words, `-d ${fishQuoted(description)}`].join(' ');
}

function fishQuoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}

/** Returns the completion for zsh, which uses `_arguments` of its completion system. */
export function zshCompletion(commands: readonly CommandOutline[]): string {
  const [alone, ...named] = commands;
  return `#compdef otop
# zsh completion for otop; put it as _otop into a folder of $fpath, or: source <(otop completions zsh)
_otop() {
  local curcontext="$curcontext" state line
  local -a commands
  commands=(
${named.map(({ name, description }) => `    ${zshQuoted(`${name}:${description.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  _arguments -C \\
${(alone?.options ?? []).map((option) => `    ${argumentOf(option)} \\`).join('\n')}
    '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $words[1] in
${named.map(zshCase).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _otop ]]; then _otop "$@"; else compdef _otop otop; fi
`;
}

function zshCase({ name, options, arguments: words }: CommandOutline): string {
  const all = [...options.map(argumentOf), ...words.map(positional)];
  return `        ${name}) _arguments ${all.join(' ')} ;;`;
}

function positional({ name, required, choices }: ArgumentOutline, index: number): string {
  if (name === 'command') return `'1: :{_describe -t commands command commands}'`;
  // Two colons mark a word that may be missing.
  const separator = required || index === 0 ? ':' : '::';
  const list = choices.length > 0 ? `(${choices.join(' ')})` : '';
  return zshQuoted(`${index + 1}${separator}${name.replaceAll(':', '\\:')}:${list}`);
}

/**
 * Returns an argument of `_arguments`: `'(-a --all)'{-a,--all}'[description]:value:action'`. Each form excludes the
 * other.
 */
function argumentOf(option: OptionOutline): string {
  const { short, long, value, choices, description } = option;
  const action = takesFile(option) ? '_files' : choices.length > 0 ? `(${choices.join(' ')})` : '';
  const text = `[${description.replace(/[[\]\\:]/g, '\\$&')}]${value === undefined ? '' : `:${value}:${action}`}`;
  const equals = value === undefined ? '' : '=';
  if (short === undefined) return zshQuoted(`${long}${equals}${text}`);
  const either = value === undefined ? `{${short},${long}}` : `{${short}+,${long}=}`;
  return `${zshQuoted(`(${short} ${long})`)}${either}${zshQuoted(text)}`;
}

function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The completion functions by shell. */
const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** `otop completions SHELL`: prints the script and returns the exit code. The command line has refused other shells. */
export function printCompletions(shell: string, program: Command, { stdout }: Context): number {
  stdout.write(shells[shell as keyof typeof shells](outlineOf(program)));
  return exitCodes.ok;
}
