import type { Board } from '../domain/board/board.ts';
import type { Clock } from '../system/clock.ts';
import type { Logger } from '../system/logger.ts';

/** A poll that takes longer is logged as a warning, because the screen does not react meanwhile. */
const slowMs = 100;

/** Returns a function that logs each trouble of a Board once when it appears and once when it is over. */
export function troubleLogger(logger: Logger): (board: Board) => void {
  let before: ReadonlySet<string> = new Set();
  return ({ troubles }) => {
    const now = new Set(troubles.map(({ source, text }) => `${source}: ${text}`));
    for (const text of now) if (!before.has(text)) logger.log('warn', 'trouble', { text });
    for (const text of before) if (!now.has(text)) logger.log('info', 'trouble is over', { text });
    before = now;
  };
}

/**
 * Wraps `run` to log the duration of each poll, a slow one as a warning. Rejects and logs nothing if the poll
 * rejects.
 */
export function timedPolls<Poll extends string>(
  run: (poll: Poll) => Promise<void>,
  clock: Clock,
  logger: Logger,
): (poll: Poll) => Promise<void> {
  return async (poll) => {
    const startedMs = clock.monotonicMs();
    await run(poll);
    const ms = Math.round(clock.monotonicMs() - startedMs);
    if (ms > slowMs) logger.log('warn', 'a look was slow', { look: poll, ms });
    else logger.log('debug', 'look', { look: poll, ms });
  };
}
