import type { Options } from '../config/options.ts';
import { waitingRows } from '../domain/board/attention.ts';
import type { Board, Row, Trouble } from '../domain/board/board.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { printTroubles, takeStates } from '../monitor/take-board.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { sanitize } from '../text/sanitize.ts';
import { sessionsJson } from '../view/sessions-json.ts';
import { waitingLines } from '../view/status-groups.ts';
import { listedRows, printNothingFound } from './sessions.ts';

/** The sessions that need the user, as far as otop can know. */
export interface Waiting {
  readonly board: Board;
  /** The longest wait first. */
  readonly rows: readonly Row[];
  /** Troubles because of which other waiting sessions may be missing. */
  readonly blind: readonly Trouble[];
}

/** A waiting session can be missing if one of these sources failed. */
const neededSources: ReadonlySet<Trouble['source']> = new Set(['database', 'processes', 'log']);

/** Polls once, and returns the waiting rows among those that the dashboard lists. */
export async function findWaiting(options: Options, context: Context): Promise<Waiting> {
  const { monitor } = await openMonitor(options, context, false);
  try {
    const wanted = { isFiltered: options.filter !== undefined, sums: options.json ?? false };
    const board = listedRows(await takeStates(monitor, context, wanted), options);
    const blind = [
      ...board.troubles.filter(({ source }) => neededSources.has(source)),
      ...unreachable(board),
      ...maybeAsking(board),
    ];
    return { board, rows: waitingRows(board.rows), blind };
  } finally {
    monitor.close();
  }
}

/** Troubles of named machines and servers that are not live. */
function unreachable({ hosts }: Board): Trouble[] {
  const notLive = hosts.filter(({ link }) => link !== 'live');
  return notLive.map(({ name, why = 'it has not answered yet' }) => ({
    source: 'host',
    text: sanitize(`${name}: ${why}`),
  }));
}

/** Sessions of opencode 2 whose running tool may be waiting for a permission, which only their service knows. */
function maybeAsking({ rows }: Board): Trouble[] {
  return rows.flatMap(({ key, session, process, asksUnseen }) => {
    if (asksUnseen === undefined) return [];
    const service = process === undefined ? '' : ` of pid ${process.pid}`;
    const text = sanitize(
      `${session?.title ?? key} may be asking, and the asks${service} cannot be seen: ${asksUnseen}`,
    );
    return [{ source: 'server', text }];
  });
}

/**
 * Prints the troubles that hide sessions. Returns the exit code for no waiting session: 1 if that is certain, else 2.
 */
export function reportNoneWaiting({ board, blind }: Waiting, { quiet }: Options, context: Context): number {
  if (!quiet) {
    printTroubles(blind, context);
    printNothingFound(board, context);
  }
  return blind.length > 0 ? exitCodes.usage : exitCodes.no;
}

/**
 * `otop waiting`: prints the sessions that need you, one per line, the longest wait first; nothing with -q. Exit code
 * 0 if there is one, 1 if there is none, 2 if otop cannot know.
 */
export async function printWaiting(options: Options, context: Context): Promise<number> {
  const waiting = await findWaiting(options, context);
  const { board, rows } = waiting;
  if (options.json && !options.quiet) {
    context.stdout.write(`${JSON.stringify(sessionsJson({ ...board, rows }), null, 2)}\n`);
  } else if (rows.length > 0 && !options.quiet) {
    context.stdout.write(`${waitingLines(rows, board.atMs).join('\n')}\n`);
  }
  if (rows.length > 0) return exitCodes.ok;
  return reportNoneWaiting(waiting, options, context);
}
