import type { Board, Trouble } from '../domain/board/board.ts';
import type { Context } from '../system/context.ts';
import { troubleLogger } from './board-log.ts';
import type { Monitor, RefreshRequest } from './monitor.ts';

/** The time between the two samples of a CPU rate; a clock tick (10 ms) is then less than a tenth of it. */
const rateMs = 120;
/** The wait after a poll that a burst of writes prevented. */
const retryMs = 120;
/** A large database is read in slices; a command that prints and exits waits this long for all of them. */
const timeoutMs = 1500;
/** A bar asks every few seconds: this long it also waits for complete sums, which busy or large machines need. */
const totalsTimeoutMs = 250;

/** Takes a Monitor's first Board as fast as possible; tokens per minute come with a later Board. */
export async function takeFirstBoard(monitor: Monitor, nowMs: number): Promise<Board> {
  await monitor.refresh(
    { processes: 'full', logs: true, live: true, sessions: 'sums', models: true },
    () => nowMs,
  );
  return monitor.board(nowMs);
}

/** Takes one Board for a command that prints and exits; samples processes twice for their CPU rates. */
export async function takeBoard(monitor: Monitor, context: Context): Promise<Board> {
  await sampleTwice(monitor, context);
  return catchUp(monitor, context, () => monitor.isMissingSessions, 'history');
}

/** Like `takeBoard`, with complete sums, or partial ones if the time runs out. */
export async function takeBoardWithTotals(monitor: Monitor, context: Context): Promise<Board> {
  await sampleTwice(monitor, context);
  return catchUp(monitor, context, () => monitor.isCatchingUp, 'history');
}

async function sampleTwice(monitor: Monitor, context: Context): Promise<void> {
  const { clock } = context;
  const first = await takeFirstBoard(monitor, clock.nowMs());
  const settled = monitor.settled();
  const isRunning = first.rows.some(({ process }) => process !== undefined);
  if (isRunning) {
    const sinceMs = clock.nowMs() - (monitor.processesAtMs ?? 0);
    await pause(context, sinceMs < 0 ? rateMs : Math.max(0, rateMs - sinceMs));
  }
  if (!(await settled) && first.rows.length === 0) return;
  const again = { logs: true, live: true, sessions: 'history' } as const;
  await monitor.refresh({ ...again, ...(isRunning && { processes: 'known' }) }, clock.nowMs);
}

/** The facts that a command needs in addition to states; a filter may need any. */
interface StatesRequest {
  readonly isFiltered: boolean;
  readonly sums: boolean;
  /** Waits a moment for the sums over all sessions; partial ones have `totalsProgress`. */
  readonly totals?: boolean;
}

/**
 * Takes a Board for a command that needs states only. It has no CPU rates, which need a second sample. It has model
 * facts and tokens per minute only if there is a filter, and sums only if `sums` or a filter needs them.
 */
export async function takeStates(
  monitor: Monitor,
  context: Context,
  { isFiltered, sums, totals = false }: StatesRequest,
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
  const settled = await monitor.settled();
  // A burst of writes may prevent a consistent read; a retry after a short wait usually succeeds.
  const isMissed = first.troubles.some(({ passing }) => passing);
  if (isMissed) await pause(context, retryMs);
  if (settled || isMissed || isFiltered)
    await monitor.refresh({ logs: true, live: true, sessions }, clock.nowMs);
  else if (!monitor.isMissingSessions && !(totals && monitor.isCatchingUp))
    return withLoggedTroubles(first, context);
  const totalsUntilMs = clock.monotonicMs() + totalsTimeoutMs;
  const wantsTotals = () => totals && monitor.isCatchingUp && clock.monotonicMs() < totalsUntilMs;
  return catchUp(monitor, context, () => monitor.isMissingSessions || wantsTotals(), sessions);
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
  const untilMs = clock.monotonicMs() + timeoutMs;
  while (isBehind() && clock.monotonicMs() < untilMs) await monitor.refresh({ sessions }, clock.nowMs);
  return withLoggedTroubles(monitor.board(clock.nowMs()), context);
}

/** Logs the Board's troubles if there is a logger; returns the Board. */
function withLoggedTroubles(board: Board, { logger }: Context): Board {
  if (logger) troubleLogger(logger)(board);
  return board;
}

/** Prints the troubles of the sources on stderr. */
export function printTroubles(troubles: readonly Trouble[], { stderr }: Context): void {
  for (const { source, text } of troubles) stderr.write(`otop: ${source}: ${text}\n`);
}
