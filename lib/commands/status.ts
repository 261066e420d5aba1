import { terminalAbilities } from '../../widgets/abilities.ts';
import type { Options } from '../config/options.ts';
import type { StatusFormat } from '../domain/board/status-format-names.ts';
import { askAnnounced, askPort, isAboutThisMachine } from '../serve/ask.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { sanitize } from '../text/sanitize.ts';

/**
 * `otop status`: one line for a bar. A running `otop serve` is asked, where one announced itself; else, and where the
 * options name other sessions, otop looks by itself, and only then what looks is loaded. With `--port` only that serve is
 * asked: 1 where it does not answer, but 0 for bars that show the trouble themselves, as they would hide it behind a
 * failure of their own; 2 where options choose sessions, which it would not heed.
 */
export async function printStatus(options: Options, context: Context): Promise<number> {
  const format = options.format ?? 'plain';
  const question = { format, ascii: options.ascii || isAscii(format, context) };
  if (options.port !== undefined) {
    if (!isAboutThisMachine(options)) {
      const words = `the otop serve on port ${options.port} chooses the sessions itself`;
      context.stderr.write(`otop: ${words}: --filter, --all, --demo and the like do not go with --port\n`);
      return exitCodes.usage;
    }
    const answer = await askPort(options.port, question, context);
    if (answer.kind === 'silent') return reportSilence(options.port, answer.why, format, context);
    context.stdout.write(answer.text);
    return exitCodes.ok;
  }
  const answer = isAboutThisMachine(options) ? await askAnnounced(question, context) : undefined;
  if (answer !== undefined) {
    context.stdout.write(answer);
    return exitCodes.ok;
  }
  const { printOwnStatus } = await import('./own-status.ts');
  return printOwnStatus(question, options, context);
}

/** Bars are drawn by programs that know Unicode; a terminal may not. */
function isAscii(format: StatusFormat, { env, stdout }: Context): boolean {
  return format === 'plain' && !terminalAbilities(env, stdout).utf8;
}

async function reportSilence(
  port: number,
  why: string,
  format: StatusFormat,
  { stdout, stderr }: Context,
): Promise<number> {
  const { statusTrouble } = await import('../view/status-formats.ts');
  const words = sanitize(`otop serve on port ${port}: ${why}`, 200);
  const shown = statusTrouble(words, format);
  if (shown !== '') {
    stdout.write(`${shown}\n`);
    return exitCodes.ok;
  }
  stderr.write(`otop: ${words}\n`);
  return exitCodes.no;
}
