import type { CommandOutline, OptionOutline } from '../command-outline.ts';
import { takesFile } from './values.ts';

/** A completion for zsh, of the completion system's own `_arguments`. */
export function zshCompletion(commands: readonly CommandOutline[]): string {
  const [alone, ...named] = commands;
  return `#compdef otop
# zsh completion for otop; put it as _otop into a folder of $fpath, or: source <(otop completions zsh)
_otop() {
  local curcontext="$curcontext" state line
  local -a commands
  commands=(
${named.map(({ name, description }) => `    ${quoted(`${name}:${description.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  _arguments -C \\
${(alone?.options ?? []).map((option) => `    ${argumentOf(option)} \\`).join('\n')}
    '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $words[1] in
${named.map(commandCase).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _otop ]]; then _otop "$@"; else compdef _otop otop; fi
`;
}

function commandCase({ name, options, argument }: CommandOutline): string {
  const words = [...options.map(argumentOf), ...(argument ? [positional(argument)] : [])];
  return `        ${name}) _arguments ${words.join(' ')} ;;`;
}

function positional({ name, choices }: NonNullable<CommandOutline['argument']>): string {
  if (name === 'command') return `'1: :{_describe -t commands command commands}'`;
  return quoted(`1:${name.replaceAll(':', '\\:')}:${choices.length > 0 ? `(${choices.join(' ')})` : ''}`);
}

/** `'(-a --all)'{-a,--all}'[what it does]:value:action'`: one flag excludes its other form. */
function argumentOf(option: OptionOutline): string {
  const { short, long, value, choices, description } = option;
  const action = takesFile(option) ? '_files' : choices.length > 0 ? `(${choices.join(' ')})` : '';
  const text = `[${description.replace(/[[\]\\:]/g, '\\$&')}]${value === undefined ? '' : `:${value}:${action}`}`;
  const equals = value === undefined ? '' : '=';
  if (short === undefined) return quoted(`${long}${equals}${text}`);
  const either = value === undefined ? `{${short},${long}}` : `{${short}+,${long}=}`;
  return `${quoted(`(${short} ${long})`)}${either}${quoted(text)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
