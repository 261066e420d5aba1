import type { Command, Option } from 'commander';
import { omitUndefined } from '../domain/omit-undefined.ts';

/** One option, for completions and the man page. */
export interface OptionOutline {
  /** `-a`. */
  readonly short?: string;
  /** `--all`. */
  readonly long: string;
  /** The name of its value; absent if it takes none. */
  readonly value?: string;
  readonly choices: readonly string[];
  readonly description: string;
  /** Its value if it is not given; absent if it has none, or only a switch. */
  readonly fallback?: string;
}

/** One command. The dashboard has an empty name. */
export interface CommandOutline {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionOutline[];
  readonly arguments: readonly ArgumentOutline[];
}

/** One argument of a command. */
export interface ArgumentOutline {
  readonly name: string;
  readonly required: boolean;
  readonly choices: readonly string[];
  readonly description: string;
}

/** Returns the commands as data, the dashboard first, from the same tables as `--help`. */
export function outlineOf(program: Command): CommandOutline[] {
  return [program, ...program.commands].map((command) => ({
    name: command === program ? '' : command.name(),
    description: command.description(),
    options: command.createHelp().visibleOptions(command).map(outlineOption),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      required: argument.required,
      choices: argument.argChoices ?? [],
      description: argument.description,
    })),
  }));
}

function outlineOption({
  short,
  long,
  flags,
  required,
  optional,
  argChoices,
  description,
  defaultValue,
}: Option): OptionOutline {
  const value = required || optional ? /[<[](.*)[>\]]/.exec(flags)?.[1] : undefined;
  const fallback = value === undefined || defaultValue === undefined ? undefined : String(defaultValue);
  return omitUndefined({
    long: long ?? flags,
    choices: argChoices ?? [],
    description,
    short,
    value,
    fallback,
  });
}
