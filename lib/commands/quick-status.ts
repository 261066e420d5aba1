import { terminalAbilities } from '../../widgets/abilities.ts';
import type { Context } from '../context.ts';
import { askAnnounced } from './ask-status.ts';

/**
 * The answer of a running `otop serve` to `otop status`, before the command line is even parsed: bars run it every few
 * seconds, and loading commander takes as long as asking. Undefined where any option beside the format is given, or no
 * serve answers: then the command itself decides.
 */
export function quickStatus(
  args: readonly string[],
  context: Context,
): Promise<string | undefined> | undefined {
  const [command, ...rest] = args;
  if (command !== 'status' && command !== 'bar-status') return undefined;
  let format = command === 'status' ? 'plain' : 'swiftbar';
  if (rest.length > 0) {
    const given = /^--format[ =]([a-z]+)$/.exec(rest.join(' '))?.[1];
    if (command !== 'status' || given === undefined) return undefined;
    format = given;
  }
  return askAnnounced({ format, ascii: isAscii(format, context) }, context);
}

/** Bars are drawn by programs that know Unicode; a terminal may not. */
export function isAscii(format: string, { env, stdout }: Context): boolean {
  return format === 'plain' && !terminalAbilities(env, stdout).utf8;
}
