import { troubleJournal } from '../board-journal.ts';
import type { Context } from '../context.ts';
import type { Board } from '../domain/board.ts';
import type { Monitor } from '../monitor.ts';

/** A processor rate needs two samples: shorter than this, a process's clock tick (10 ms) would be a tenth of it. */
const rateMs = 120;
/** What is written in one go is written by then. */
const quietMs = 120;
/** A large database is read in slices; a command that prints and exits waits so long for the rest. */
const patienceMs = 1500;

/** One Board for a command that prints and exits; the second sample of the processes gives their processor rate. */
export async function takeBoard(monitor: Monitor, context: Context): Promise<Board> {
  await lookTwice(monitor, context);
  return catchUp(monitor, context, () => monitor.isMissingSessions);
}

async function lookTwice(monitor: Monitor, context: Context): Promise<void> {
  const { clock } = context;
  const first = await monitor.look(clock.nowMs());
  const heard = monitor.settled();
  if (first.rows.some(({ process }) => process !== undefined)) {
    const sinceMs = clock.nowMs() - (monitor.processesAtMs ?? 0);
    await pause(context, sinceMs < 0 ? rateMs : Math.max(0, rateMs - sinceMs));
    await heard;
    await monitor.lookAtProcesses('known', clock.nowMs());
  }
  if ((await heard) || first.rows.length > 0) lookAgain(monitor, context);
}

/**
 * The same for questions about states: without processor rates, which take their time, without what models can and cost, and
 * without tokens a minute; a filter may ask for the last two, and then they are read.
 */
export async function takeStates(monitor: Monitor, context: Context, isFiltered: boolean): Promise<Board> {
  const nowMs = context.clock.nowMs();
  const { troubles } = await (isFiltered ? monitor.look(nowMs) : monitor.lookForStates(nowMs));
  const heard = await monitor.settled();
  // A burst of writes may leave no quiet moment to read in; the next one is not far.
  const missed = troubles.some(({ passing }) => passing);
  if (missed) await pause(context, quietMs);
  if (heard || missed || isFiltered) lookAgain(monitor, context);
  const read = (atMs: number) => (isFiltered ? monitor.lookAtSessions(atMs) : monitor.lookAtStates(atMs));
  return catchUp(monitor, context, () => monitor.isMissingSessions, read);
}

/** The same with complete sums, or as far as they came in time. */
export async function takeBoardWithTotals(monitor: Monitor, context: Context): Promise<Board> {
  await lookTwice(monitor, context);
  return catchUp(monitor, context, () => monitor.isCatchingUp);
}

/** Everything but the processes. */
function lookAgain(monitor: Monitor, { clock }: Context): void {
  monitor.lookAtLogs(clock.nowMs());
  monitor.lookAtLive(clock.nowMs());
  monitor.lookAtSessions(clock.nowMs());
}

function pause({ clock }: Context, ms: number): Promise<void> {
  return new Promise<void>((resolve) => clock.after(ms, resolve));
}

function catchUp(
  monitor: Monitor,
  { clock, journal }: Context,
  isBehind: () => boolean,
  read: (nowMs: number) => void = (nowMs) => monitor.lookAtSessions(nowMs),
): Board {
  const untilMs = clock.monotonicMs() + patienceMs;
  while (isBehind() && clock.monotonicMs() < untilMs) read(clock.nowMs());
  const board = monitor.board(clock.nowMs());
  if (journal) troubleJournal(journal)(board);
  return board;
}
