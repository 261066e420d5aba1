import type { Options } from '../config/options.ts';
import { waitingRows } from '../domain/board/attention.ts';
import type { Board, Row, Trouble } from '../domain/board/board.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { printTroubles, takeStates } from '../monitor/take-board.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { sanitize } from '../text/sanitize.ts';
import { sessionsJson } from '../view/sessions-json.ts';
import { waitingLines } from '../view/status-groups.ts';
import { listedRows } from './sessions.ts';

/** Who needs a person, as far as it can be told. */
export interface Waiting {
  readonly board: Board;
  /** Longest first. */
  readonly rows: readonly Row[];
  /** What keeps otop from knowing that there is nobody else. */
  readonly blind: readonly Trouble[];
}

/** Sources without which a wait cannot be seen. */
const needed: ReadonlySet<Trouble['source']> = new Set(['database', 'processes', 'log']);

/** Looks once for who needs a person: the rows that the dashboard lists, too. */
export async function lookForWaiting(options: Options, context: Context): Promise<Waiting> {
  const { monitor } = await openMonitor(options, context, false);
  try {
    const wanted = { isFiltered: options.filter !== undefined, sums: options.json ?? false };
    const board = listedRows(await takeStates(monitor, context, wanted), options);
    const blind = [...board.troubles.filter(({ source }) => needed.has(source)), ...unheard(board)];
    return { board, rows: waitingRows(board.rows), blind };
  } finally {
    monitor.close();
  }
}

/** Machines and servers that the person named and nobody can ask now. */
function unheard({ hosts }: Board): Trouble[] {
  const silent = hosts.filter(({ link }) => link !== 'live');
  return silent.map(({ name, why = 'it has given no answer yet' }) => ({
    source: 'host',
    text: sanitize(`${name}: ${why}`),
  }));
}

/** Says what keeps otop from telling; the exit code of a question that nobody answers with yes. */
export function answerNobody({ blind }: Waiting, { quiet }: Options, context: Context): number {
  if (!quiet) printTroubles(blind, context);
  return blind.length > 0 ? exitCodes.usage : exitCodes.no;
}

/**
 * `otop waiting`: who needs you, longest first, one a line. 0 where anyone does, 1 where nobody does, 2 where that cannot
 * be told; with -q nothing else.
 */
export async function printWaiting(options: Options, context: Context): Promise<number> {
  const waiting = await lookForWaiting(options, context);
  const { board, rows } = waiting;
  if (options.json && !options.quiet) {
    context.stdout.write(`${JSON.stringify(sessionsJson({ ...board, rows }), null, 2)}\n`);
  } else if (rows.length > 0 && !options.quiet) {
    context.stdout.write(`${waitingLines(rows, board.atMs).join('\n')}\n`);
  }
  if (rows.length > 0) return exitCodes.ok;
  return answerNobody(waiting, options, context);
}
