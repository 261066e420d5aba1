import type { Command, Option } from 'commander';
import { omitUndefined } from '../domain/omit-undefined.ts';

/** One option as help, completions and the man page need it. */
export interface OptionOutline {
  /** `-a`. */
  readonly short?: string;
  /** `--all`. */
  readonly long: string;
  /** What its value is called; absent where it takes none. */
  readonly value?: string;
  readonly choices: readonly string[];
  readonly description: string;
}

/** One command, or otop alone, whose name is empty. */
export interface CommandOutline {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionOutline[];
  readonly argument?: {
    readonly name: string;
    readonly required: boolean;
    readonly choices: readonly string[];
    readonly description: string;
  };
}

/** The command line as data, otop alone first: from the same tables as `--help`. */
export function outlineOf(program: Command): CommandOutline[] {
  return [program, ...program.commands].map((command) => {
    const [argument] = command.registeredArguments;
    return {
      name: command === program ? '' : command.name(),
      description: command.description(),
      options: command.createHelp().visibleOptions(command).map(outlineOption),
      ...(argument && {
        argument: {
          name: argument.name(),
          required: argument.required,
          choices: argument.argChoices ?? [],
          description: argument.description,
        },
      }),
    };
  });
}

function outlineOption({
  short,
  long,
  flags,
  required,
  optional,
  argChoices,
  description,
}: Option): OptionOutline {
  const value = required || optional ? /[<[](.*)[>\]]/.exec(flags)?.[1] : undefined;
  return omitUndefined({ long: long ?? flags, choices: argChoices ?? [], description, short, value });
}
