import { constants, hostname } from 'node:os';
import manifest from '../../package.json' with { type: 'json' };
import type { Options } from '../config/options.ts';
import { loadSettings } from '../config/settings.ts';
import type { FeedLine } from '../domain/schema/events.ts';
import { startLiveBoard } from '../monitor/live-board.ts';
import { ownMachineId } from '../monitor/machine-processes.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { takeBoard } from '../monitor/take-board.ts';
import type { Context } from '../system/context.ts';
import { exitProcess } from '../system/exit.ts';
import { sanitize } from '../text/sanitize.ts';
import { boardFeed } from '../view/board-feed.ts';
import { listedRows } from './sessions.ts';

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The interval of `alive` lines; a reader without a line for longer than this knows that the connection is dead. */
const aliveMs = 10_000;

/**
 * `otop sessions --watch`: prints the Board as a line of JSON, then a line per change and an `alive` line every ten
 * seconds, until a signal or the reader ends it.
 */
export async function watchSessions(options: Options, context: Context): Promise<never> {
  const { monitor } = await openMonitor(options, context, true);
  const { clock, stdout } = context;
  const feed = boardFeed({
    host: sanitize(hostname()),
    machineId: ownMachineId(context.machine),
    version: manifest.version,
  });
  const write = (lines: readonly FeedLine[]) => {
    if (lines.length > 0) stdout.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  };
  let board = listedRows(await takeBoard(monitor, context), options);
  write(feed.next(board));
  startLiveBoard(monitor, context, {
    tickMs: loadSettings(options, context).settings.delay * 1000,
    onBoard: (next) => {
      board = listedRows(next, options);
      // A slow reader gets the accumulated changes once it has caught up, so that no output piles up.
      if (!stdout.writableNeedDrain) write(feed.next(board));
    },
    onError: (error) => {
      throw error;
    },
  });
  const writeAlive = () => {
    if (!stdout.writableNeedDrain) write([feed.alive(board)]);
    clock.after(aliveMs, writeAlive);
  };
  clock.after(aliveMs, writeAlive);
  return untilSignal();
}

/** Exits on a signal, through the exit handlers that log the end and remove folders. Never resolves. */
function untilSignal(): Promise<never> {
  for (const signal of endSignals) process.once(signal, () => exitProcess(128 + constants.signals[signal]));
  return new Promise<never>(() => undefined);
}
