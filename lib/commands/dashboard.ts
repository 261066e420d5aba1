import { type Context, exitCodes } from '../context.ts';
import { openMonitor } from '../open-monitor.ts';
import type { Options } from '../options.ts';
import { terminalLook } from '../terminal-look.ts';
import { frameText } from '../view/frame.ts';
import { frameSize, singleFrame } from './frame.ts';
import { listedRows } from './sessions.ts';
import { takeBoardWithTotals } from './take-board.ts';

/** `otop`: the dashboard; one plain frame with --once and wherever there is no terminal to draw on. */
export async function runDashboard(options: Options, context: Context): Promise<number> {
  return printFrame(options, context);
}

async function printFrame(options: Options, context: Context): Promise<number> {
  const { monitor } = await openMonitor(options, context, false);
  try {
    const board = listedRows(await takeBoardWithTotals(monitor, context), options);
    const { glyphs } = terminalLook(context.env, options);
    context.stdout.write(`${frameText(singleFrame(board, options, frameSize(options, context), glyphs))}\n`);
    return exitCodes.ok;
  } finally {
    monitor.close();
  }
}
