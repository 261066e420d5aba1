import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ask } from './figures.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { MeasureOptions } from './measure.ts';

const program = fileURLToPath(new URL('reader-program.ts', import.meta.url));
/** Between two commits of the long run. */
const commitEveryMs = 2;

/** What the measuring process found in the end. */
type Answer = Extract<Ask, { readonly figures: unknown }>;

/** Starts a measuring process and writes to the database as it asks, until it has its figures. */
export function runReader(options: MeasureOptions, live: LiveSessions): Promise<Answer> {
  const child = fork(program, [JSON.stringify(options)], { execArgv: [...process.execArgv, '--expose-gc'] });
  let keepCommitting: NodeJS.Timeout | undefined;
  let answer: Answer | undefined;
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
      default:
        answer = ask;
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
      if (answer === undefined) reject(new Error(`the measuring process ended with ${code}`));
      else resolve(answer);
    });
  });
}
