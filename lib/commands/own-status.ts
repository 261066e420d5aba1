import type { Options } from '../config/options.ts';
import type { StatusFormat } from '../domain/board/status-format-names.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { printTroubles, takeStates } from '../monitor/take-board.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { asciiGlyphs, unicodeGlyphs } from '../view/glyphs.ts';
import { showsTotals, statusText } from '../view/status-formats.ts';
import { listedRows } from './sessions.ts';

/** The status of what otop finds by itself; always 0: what could not be read is said on stderr. */
export async function printOwnStatus(
  { format, ascii }: { readonly format: StatusFormat; readonly ascii: boolean },
  options: Options,
  context: Context,
): Promise<number> {
  const { monitor } = await openMonitor(options, context, false);
  try {
    const wanted = { isFiltered: options.filter !== undefined, sums: showsTotals(format) };
    const board = listedRows(await takeStates(monitor, context, wanted), options);
    context.stdout.write(`${statusText(board, format, ascii ? asciiGlyphs : unicodeGlyphs)}\n`);
    printTroubles(board.troubles, context);
    return exitCodes.ok;
  } finally {
    monitor.close();
  }
}
