import type { Board, Trouble } from '../domain/board/board.ts';
import type { Context } from '../system/context.ts';
import { troubleLogger } from './board-log.ts';
import type { Monitor, RefreshRequest } from './monitor.ts';

/** A processor rate needs two samples: shorter than this, a process's clock tick (10 ms) would be a tenth of it. */
const rateMs = 120;
/** What is written in one go is written by then. */
const quietMs = 120;
/** A large database is read in slices; a command that prints and exits waits so long for the rest. */
const patienceMs = 1500;

/** The first Board of a Monitor, as soon as it can be had: the tokens of the last minutes come with a later one. */
export async function takeFirstBoard(monitor: Monitor, nowMs: number): Promise<Board> {
  await monitor.refresh(
    { processes: 'full', logs: true, live: true, sessions: 'sums', models: true },
    () => nowMs,
  );
  return monitor.board(nowMs);
}

/** One Board for a command that prints and exits; the second sample of the processes gives their processor rate. */
export async function takeBoard(monitor: Monitor, context: Context): Promise<Board> {
  await lookTwice(monitor, context);
  return catchUp(monitor, context, () => monitor.isMissingSessions, 'history');
}

/** The same with complete sums, or as far as they came in time. */
export async function takeBoardWithTotals(monitor: Monitor, context: Context): Promise<Board> {
  await lookTwice(monitor, context);
  return catchUp(monitor, context, () => monitor.isCatchingUp, 'history');
}

async function lookTwice(monitor: Monitor, context: Context): Promise<void> {
  const { clock } = context;
  const first = await takeFirstBoard(monitor, clock.nowMs());
  const heard = monitor.settled();
  const isRunning = first.rows.some(({ process }) => process !== undefined);
  if (isRunning) {
    const sinceMs = clock.nowMs() - (monitor.processesAtMs ?? 0);
    await pause(context, sinceMs < 0 ? rateMs : Math.max(0, rateMs - sinceMs));
  }
  if (!(await heard) && first.rows.length === 0) return;
  const again = { logs: true, live: true, sessions: 'history' } as const;
  await monitor.refresh({ ...again, ...(isRunning && { processes: 'known' }) }, clock.nowMs);
}

/** What is asked for beside states: a filter may ask for anything. */
interface StatesRequest {
  readonly isFiltered: boolean;
  readonly sums: boolean;
}

/**
 * The same for questions about states: without processor rates, which take their time, without what models can and cost, and
 * without tokens a minute; a filter may ask for the last two, and then they are read. Sums are read where they are shown.
 */
export async function takeStates(
  monitor: Monitor,
  context: Context,
  { isFiltered, sums }: StatesRequest,
): Promise<Board> {
  const { clock } = context;
  const nowMs = clock.nowMs();
  const states = sums ? 'sums' : 'states';
  await monitor.refresh(
    {
      processes: 'full',
      logs: true,
      live: true,
      sessions: isFiltered ? 'sums' : states,
      models: isFiltered,
    },
    () => nowMs,
  );
  const first = monitor.board(nowMs);
  const sessions = isFiltered ? 'history' : states;
  const heard = await monitor.settled();
  // A burst of writes may leave no quiet moment to read in; the next one is not far.
  const missed = first.troubles.some(({ passing }) => passing);
  if (missed) await pause(context, quietMs);
  if (heard || missed || isFiltered) await monitor.refresh({ logs: true, live: true, sessions }, clock.nowMs);
  else if (!monitor.isMissingSessions) return noted(first, context);
  return catchUp(monitor, context, () => monitor.isMissingSessions, sessions);
}

function pause({ clock }: Context, ms: number): Promise<void> {
  return new Promise<void>((resolve) => clock.after(ms, resolve));
}

async function catchUp(
  monitor: Monitor,
  context: Context,
  isBehind: () => boolean,
  sessions: Required<RefreshRequest>['sessions'],
): Promise<Board> {
  const { clock } = context;
  const untilMs = clock.monotonicMs() + patienceMs;
  while (isBehind() && clock.monotonicMs() < untilMs) await monitor.refresh({ sessions }, clock.nowMs);
  return noted(monitor.board(clock.nowMs()), context);
}

/** Its troubles are in otop's own log, where one is kept. */
function noted(board: Board, { logger }: Context): Board {
  if (logger) troubleLogger(logger)(board);
  return board;
}

/** Says on stderr what the sources could not deliver. */
export function sayTroubles(troubles: readonly Trouble[], { stderr }: Context): void {
  for (const { source, text } of troubles) stderr.write(`otop: ${source}: ${text}\n`);
}
