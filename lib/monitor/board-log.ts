import type { Board } from '../domain/board/board.ts';
import type { Clock } from '../system/clock.ts';
import type { Logger } from '../system/logger.ts';

/** A look that takes longer is felt: the screen stands still meanwhile. */
const slowMs = 100;

/** Notes troubles of the sources as they come and go, each once. */
export function troubleLogger(logger: Logger): (board: Board) => void {
  let before: ReadonlySet<string> = new Set();
  return ({ troubles }) => {
    const now = new Set(troubles.map(({ source, text }) => `${source}: ${text}`));
    for (const text of now) if (!before.has(text)) logger.log('warn', 'trouble', { text });
    for (const text of before) if (!now.has(text)) logger.log('info', 'trouble is over', { text });
    before = now;
  };
}

/** The same looks, the duration of each noted: a slow one as a warning. Rejects as the look does, and notes nothing then. */
export function timedLooks<Look extends string>(
  run: (look: Look) => Promise<void>,
  clock: Clock,
  logger: Logger,
): (look: Look) => Promise<void> {
  return async (look) => {
    const startedMs = clock.monotonicMs();
    await run(look);
    const ms = Math.round(clock.monotonicMs() - startedMs);
    if (ms > slowMs) logger.log('warn', 'a look was slow', { look, ms });
    else logger.log('debug', 'look', { look, ms });
  };
}
