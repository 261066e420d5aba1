import { type Context, exitCodes } from '../context.ts';
import { openMonitor } from '../open-monitor.ts';
import type { Options } from '../options.ts';
import { sanitize } from '../text/sanitize.ts';
import { asciiGlyphs, unicodeGlyphs } from '../view/glyphs.ts';
import { type StatusFormat, statusText, statusTrouble } from '../view/status-formats.ts';
import { askAnnounced, askPort } from './ask-status.ts';
import { isAscii } from './quick-status.ts';
import { sayTroubles } from './say-troubles.ts';
import { listedRows } from './sessions.ts';
import { takeStates } from './take-board.ts';

/**
 * `otop status`: one line for a bar. A running `otop serve` is asked, where one announced itself; else, and where the
 * options name other sessions, otop looks by itself. With `--port` only that serve is asked: 1 where it does not answer,
 * but 0 for bars that show the trouble themselves, as they would hide it behind a failure of their own.
 */
export async function printStatus(options: Options, context: Context): Promise<number> {
  const format = options.format ?? 'plain';
  const ascii = options.ascii || isAscii(format, context);
  const question = { format, ascii };
  if (options.port !== undefined) {
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
  const { monitor } = await openMonitor(options, context, false);
  try {
    const board = listedRows(await takeStates(monitor, context, options.filter !== undefined), options);
    context.stdout.write(`${statusText(board, format, ascii ? asciiGlyphs : unicodeGlyphs)}\n`);
    sayTroubles(board.troubles, context);
    return exitCodes.ok;
  } finally {
    monitor.close();
  }
}

/** With these options a serve tells what `otop status` without any would find: the sessions of this machine. */
export function isAboutThisMachine(options: Options): boolean {
  const { db, demo, all, includeNoninteractive, server, host, otop, filter } = options;
  const others = [db, demo, all, includeNoninteractive, server, host, otop, filter];
  return others.every((option) => option === undefined);
}

function reportSilence(port: number, why: string, format: StatusFormat, { stdout, stderr }: Context): number {
  const words = sanitize(`otop serve on port ${port}: ${why}`, 200);
  const shown = statusTrouble(words, format);
  if (shown !== '') {
    stdout.write(`${shown}\n`);
    return exitCodes.ok;
  }
  stderr.write(`otop: ${words}\n`);
  return exitCodes.no;
}
