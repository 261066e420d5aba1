import { type Context, exitCodes } from '../context.ts';
import { openMonitor } from '../open-monitor.ts';
import type { Options } from '../options.ts';
import { asciiGlyphs, unicodeGlyphs } from '../view/glyphs.ts';
import type { StatusFormat } from '../view/status-format-names.ts';
import { showsSums, statusText } from '../view/status-formats.ts';
import { sayTroubles } from './say-troubles.ts';
import { listedRows } from './sessions.ts';
import { takeStates } from './take-board.ts';

/** The status of what otop finds by itself; always 0: what could not be read is said on stderr. */
export async function printOwnStatus(
  { format, ascii }: { readonly format: StatusFormat; readonly ascii: boolean },
  options: Options,
  context: Context,
): Promise<number> {
  const { monitor } = await openMonitor(options, context, false);
  try {
    const wanted = { isFiltered: options.filter !== undefined, sums: showsSums(format) };
    const board = listedRows(await takeStates(monitor, context, wanted), options);
    context.stdout.write(`${statusText(board, format, ascii ? asciiGlyphs : unicodeGlyphs)}\n`);
    sayTroubles(board.troubles, context);
    return exitCodes.ok;
  } finally {
    monitor.close();
  }
}
