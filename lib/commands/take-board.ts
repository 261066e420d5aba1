import type { Context } from '../context.ts';
import type { Board } from '../domain/board.ts';
import type { Monitor } from '../monitor.ts';

/** A processor rate needs two samples: shorter than this, a process's clock tick (10 ms) would be a tenth of it. */
const rateMs = 120;

/** One Board for a command that prints and exits; the second sample of the processes gives their processor rate. */
export async function takeBoard(monitor: Monitor, context: Context): Promise<Board> {
  const { clock } = context;
  const first = await monitor.look(clock.nowMs());
  if (!first.rows.some(({ process }) => process !== undefined)) return first;
  await new Promise<void>((resolve) => clock.after(rateMs, resolve));
  await monitor.lookAtProcesses('known', clock.nowMs());
  monitor.lookAtLogs(clock.nowMs());
  monitor.lookAtSessions(clock.nowMs());
  return monitor.board(clock.nowMs());
}

/** Sums over a large old database come in slices: a frame that is printed once waits so long for them. */
const totalsMs = 1500;

/** A Board whose sums are complete, or as far as they came in a second and a half. */
export async function takeBoardWithTotals(monitor: Monitor, context: Context): Promise<Board> {
  const { clock } = context;
  let board = await takeBoard(monitor, context);
  const untilMs = clock.monotonicMs() + totalsMs;
  while (board.totalsProgress !== undefined && clock.monotonicMs() < untilMs) {
    monitor.lookAtSessions(clock.nowMs());
    board = monitor.board(clock.nowMs());
  }
  return board;
}
