import type { CommandOutline, OptionOutline } from '../command-outline.ts';
import { takesFile } from './values.ts';

/**
 * A completion for bash 3.2 and newer (macOS has that one). An empty answer lets readline complete a file's name
 * (`-o default`), which is taken back where a value is no file.
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
${commands.map((command) => commandCase(command, commands)).join('\n')}
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

function commandCase(command: CommandOutline, commands: readonly CommandOutline[]): string {
  const flags = command.options.flatMap(flagsOf);
  const names =
    command.name === '' || command.name === 'help'
      ? commands.map(({ name }) => name).filter((name) => name !== '')
      : [];
  const words = [...names, ...(command.argument?.choices ?? []), ...flags].join(' ');
  return `    ${command.name === '' ? "''" : command.name}) words='${words}' ;;`;
}
