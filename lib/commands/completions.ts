import type { Command } from 'commander';
import { outlineOf } from '../cli/command-outline.ts';
import { bashCompletion } from '../cli/completions/bash.ts';
import { fishCompletion } from '../cli/completions/fish.ts';
import { zshCompletion } from '../cli/completions/zsh.ts';
import { type Context, exitCodes } from '../system/context.ts';

/** The shells whose completions there are. */
const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** `otop completions SHELL`: the script on stdout. The shell is one of those that the command line lets through. */
export function printCompletions(shell: string, program: Command, { stdout }: Context): number {
  stdout.write(shells[shell as keyof typeof shells](outlineOf(program)));
  return exitCodes.ok;
}
