import { terminalAbilities } from '../../widgets/abilities.ts';
import type { Options } from '../config/options.ts';
import type { StatusFormat } from '../domain/board/status-format-names.ts';
import { isAboutThisMachine, queryAnnounced, queryPort } from '../serve/query.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { sanitize } from '../text/sanitize.ts';

/**
 * `otop status`: prints one line for a status bar. Requests it from a running `otop serve` that announced itself.
 * Without one, or if options select other sessions, loads the sources and polls them. With `--port` only that serve
 * is used. Exit code 1 if it does not respond, but 0 for bars that show the trouble, since they hide the text of a
 * failed command; 2 if options select sessions, which serve would ignore.
 */
export async function printStatus(options: Options, context: Context): Promise<number> {
  const format = options.format ?? 'plain';
  const request = { format, ascii: options.ascii || isAscii(format, context) };
  if (options.port !== undefined) {
    if (!isAboutThisMachine(options)) {
      const words = `the otop serve on port ${options.port} selects the sessions itself`;
      context.stderr.write(
        `otop: ${words}: --port cannot be combined with --filter, --all, --demo and other options that select sessions\n`,
      );
      return exitCodes.usage;
    }
    const response = await queryPort(options.port, request, context);
    if (response.kind === 'failed') return reportUnreachable(options.port, response.why, format, context);
    context.stdout.write(response.text);
    return exitCodes.ok;
  }
  const response = isAboutThisMachine(options) ? await queryAnnounced(request, context) : undefined;
  if (response !== undefined) {
    context.stdout.write(response);
    return exitCodes.ok;
  }
  const { printOwnStatus } = await import('./own-status.ts');
  return printOwnStatus(request, options, context);
}

/** True if the output must be ASCII: only for `plain` on a terminal without UTF-8; bars all support Unicode. */
function isAscii(format: StatusFormat, { env, stdout }: Context): boolean {
  return format === 'plain' && !terminalAbilities(env, stdout).utf8;
}

async function reportUnreachable(
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
