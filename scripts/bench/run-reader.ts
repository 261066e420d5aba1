import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ask, FiguresOf } from './figures.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { MeasureOptions } from './measure.ts';

const program = fileURLToPath(new URL('reader-program.ts', import.meta.url));
/** The time between two commits of the long run. */
const commitEveryMs = 2;

/**
 * Starts a process that measures one part, and writes to the database at its request. Resolves with the figures; rejects if
 * the process ends without them.
 */
export function runReader<Part extends keyof FiguresOf>(
  part: Part,
  options: MeasureOptions,
  live: LiveSessions,
): Promise<FiguresOf[Part]> {
  const child = fork(program, [part, JSON.stringify(options)], {
    execArgv: [...process.execArgv, '--expose-gc'],
  });
  let keepCommitting: NodeJS.Timeout | undefined;
  let found: FiguresOf[keyof FiguresOf] | undefined;
  const perform = (ask: Ask) => {
    switch (ask.ask) {
      case 'commit':
        for (let commit = 0; commit < ask.count; commit += 1) live.commit();
        break;
      case 'keep-committing':
        keepCommitting = setInterval(() => live.commit(), commitEveryMs);
        break;
      case 'stop-committing':
        clearInterval(keepCommitting);
        break;
      case 'fill-wal':
        live.fillWal(ask.pages);
        break;
      case 'keep':
        found = ask.figures;
    }
  };
  child.on('message', (message) => {
    perform(message as Ask);
    child.send('done');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(keepCommitting);
      if (found === undefined) reject(new Error(`the measuring process (${part}) exited with ${code}`));
      else resolve(found as FiguresOf[Part]);
    });
  });
}
