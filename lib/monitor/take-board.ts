import type { Board, Trouble } from '../domain/board/board.ts';
import type { Context } from '../system/context.ts';
import { troubleJournal } from './board-log.ts';
import type { Monitor } from './monitor.ts';

/** A processor rate needs two samples: shorter than this, a process's clock tick (10 ms) would be a tenth of it. */
const rateMs = 120;
/** What is written in one go is written by then. */
const quietMs = 120;
/** A large database is read in slices; a command that prints and exits waits so long for the rest. */
const patienceMs = 1500;

/** One Board for a command that prints and exits; the second sample of the processes gives their processor rate. */
export async function takeBoard(monitor: Monitor, context: Context): Promise<Board> {
  const read = await lookTwice(monitor, context);
  return catchUp(monitor, context, () => monitor.isMissingSessions, read);
}

async function lookTwice(monitor: Monitor, context: Context): Promise<Read> {
  const { clock } = context;
  const read: Read = (nowMs) => monitor.lookAtSessions(nowMs);
  const first = await monitor.look(clock.nowMs());
  const heard = monitor.settled();
  if (first.rows.some(({ process }) => process !== undefined)) {
    const sinceMs = clock.nowMs() - (monitor.processesAtMs ?? 0);
    await pause(context, sinceMs < 0 ? rateMs : Math.max(0, rateMs - sinceMs));
    await heard;
    await monitor.lookAtProcesses('known', clock.nowMs());
  }
  if ((await heard) || first.rows.length > 0) lookAgain(monitor, context, read);
  return read;
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
  const nowMs = context.clock.nowMs();
  const first = await (isFiltered ? monitor.look(nowMs) : monitor.lookForStates(nowMs, sums));
  const read: Read = (atMs) => (isFiltered ? monitor.lookAtSessions(atMs) : monitor.lookAtStates(atMs, sums));
  const heard = await monitor.settled();
  // A burst of writes may leave no quiet moment to read in; the next one is not far.
  const missed = first.troubles.some(({ passing }) => passing);
  if (missed) await pause(context, quietMs);
  if (heard || missed || isFiltered) lookAgain(monitor, context, read);
  else if (!monitor.isMissingSessions) return noted(first, context);
  return catchUp(monitor, context, () => monitor.isMissingSessions, read);
}

/** The same with complete sums, or as far as they came in time. */
export async function takeBoardWithTotals(monitor: Monitor, context: Context): Promise<Board> {
  const read = await lookTwice(monitor, context);
  return catchUp(monitor, context, () => monitor.isCatchingUp, read);
}

/** What is read of the databases. */
type Read = (nowMs: number) => void;

/** Everything but the processes. */
function lookAgain(monitor: Monitor, { clock }: Context, read: Read): void {
  monitor.lookAtLogs(clock.nowMs());
  monitor.lookAtLive(clock.nowMs());
  read(clock.nowMs());
}

function pause({ clock }: Context, ms: number): Promise<void> {
  return new Promise<void>((resolve) => clock.after(ms, resolve));
}

function catchUp(monitor: Monitor, context: Context, isBehind: () => boolean, read: Read): Board {
  const { clock } = context;
  const untilMs = clock.monotonicMs() + patienceMs;
  while (isBehind() && clock.monotonicMs() < untilMs) read(clock.nowMs());
  return noted(monitor.board(clock.nowMs()), context);
}

/** Its troubles are in otop's own log, where one is kept. */
function noted(board: Board, { journal }: Context): Board {
  if (journal) troubleJournal(journal)(board);
  return board;
}

/** Says on stderr what the sources could not deliver. */
export function sayTroubles(troubles: readonly Trouble[], { stderr }: Context): void {
  for (const { source, text } of troubles) stderr.write(`otop: ${source}: ${text}\n`);
}
