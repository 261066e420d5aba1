import type { Options } from '../config/options.ts';
import { withBranchNames } from '../dashboard/enrich-board.ts';
import type { Board } from '../domain/board/board.ts';
import { visibleRows, withRows } from '../domain/board/build-board.ts';
import { sessionsDocument } from '../domain/schema/json-schema.ts';
import { matchesFilter } from '../domain/table/filter.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { printTroubles, takeBoard } from '../monitor/take-board.ts';
import { GitBranches } from '../sources/git-branch.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { isNothingFound, nothingFoundText } from '../view/nothing-found.ts';
import { sessionsJson } from '../view/sessions-json.ts';

/** The Board with the rows that a command prints: the dashboard's rows that match --filter. */
export function listedRows(board: Board, options: Options): Board {
  const visible = visibleRows(board, options);
  const { filter } = options;
  if (!filter) return visible;
  const needsBranch = filter.fields.has('branch');
  const { rows } = needsBranch ? withBranchNames(visible, new GitBranches(), board.atMs) : visible;
  return withRows(
    visible,
    rows.filter((row) => matchesFilter(filter, row, board.atMs)),
  );
}

/** Says on a terminal where otop looked if it found nothing of opencode. A script, which has no terminal, gets nothing. */
export function printNothingFound(board: Board, { stderr }: Context): void {
  if (stderr.isTTY && isNothingFound(board)) stderr.write(`otop: ${nothingFoundText(board).join('\n')}\n`);
}

/** `otop sessions`: prints the Board as a JSON array on stdout, and the troubles of the sources on stderr. */
export async function printSessions(options: Options, context: Context): Promise<number> {
  if (options.schema) return printSchema(context);
  const { monitor } = await openMonitor(options, context, false);
  try {
    const board = await takeBoard(monitor, context);
    context.stdout.write(`${JSON.stringify(sessionsJson(listedRows(board, options)), null, 2)}\n`);
    printTroubles(board.troubles, context);
    printNothingFound(board, context);
    return exitCodes.ok;
  } finally {
    monitor.close();
  }
}

function printSchema({ stdout }: Context): number {
  stdout.write(`${JSON.stringify(sessionsDocument(), null, 2)}\n`);
  return exitCodes.ok;
}
