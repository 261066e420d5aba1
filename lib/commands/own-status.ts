import type { Options } from '../config/options.ts';
import type { StatusFormat } from '../domain/board/status-format-names.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { printTroubles, takeStates } from '../monitor/take-board.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { asciiGlyphs, unicodeGlyphs } from '../view/glyphs.ts';
import { showsTotals, statusText } from '../view/status-formats.ts';
import { listedRows, printNothingFound } from './sessions.ts';

/** Prints the status from otop's own poll. The exit code is always 0; troubles go to stderr. */
export async function printOwnStatus(
  { format, ascii }: { readonly format: StatusFormat; readonly ascii: boolean },
  options: Options,
  context: Context,
): Promise<number> {
  const { monitor } = await openMonitor(options, context, false);
  try {
    const totals = showsTotals(format);
    const wanted = { isFiltered: options.filter !== undefined, sums: totals, totals };
    const board = listedRows(await takeStates(monitor, context, wanted), options);
    context.stdout.write(`${statusText(board, format, ascii ? asciiGlyphs : unicodeGlyphs)}\n`);
    printTroubles(board.troubles, context);
    printNothingFound(board, context);
    return exitCodes.ok;
  } finally {
    monitor.close();
  }
}
