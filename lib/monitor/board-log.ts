import type { Board } from '../domain/board/board.ts';
import type { Clock } from '../system/clock.ts';
import type { Journal } from '../system/logger.ts';
import type { Task } from './scheduler.ts';

/** A look that takes longer is felt: the screen stands still meanwhile. */
const slowMs = 100;

/** Notes troubles of the sources as they come and go, each once. */
export function troubleJournal(journal: Journal): (board: Board) => void {
  let before: ReadonlySet<string> = new Set();
  return ({ troubles }) => {
    const now = new Set(troubles.map(({ source, text }) => `${source}: ${text}`));
    for (const text of now) if (!before.has(text)) journal.note('warn', 'trouble', { text });
    for (const text of before) if (!now.has(text)) journal.note('info', 'trouble is over', { text });
    before = now;
  };
}

/** The same task, its duration noted: a slow one as a warning. */
export function timedTask(task: Task, clock: Clock, journal: Journal): Task {
  return {
    ...task,
    async run() {
      const startedMs = clock.monotonicMs();
      await task.run();
      const ms = Math.round(clock.monotonicMs() - startedMs);
      if (ms > slowMs) journal.note('warn', 'a look was slow', { look: task.name, ms });
      else journal.note('debug', 'look', { look: task.name, ms });
    },
  };
}
