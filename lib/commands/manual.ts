import type { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { outlineOf } from '../cli/command-outline.ts';
import { manualPage } from '../cli/manual-page.ts';
import { type Context, exitCodes } from '../system/context.ts';

/** `otop man`: the man page as roff, for `man -l -` and for the package. */
export function printManual(program: Command, { stdout }: Context): number {
  stdout.write(manualPage(outlineOf(program), manifest));
  return exitCodes.ok;
}
