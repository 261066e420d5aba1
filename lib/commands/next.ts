import type { Options } from '../config/options.ts';
import { jumpTo } from '../dashboard/desktop/jump.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { runCommand } from '../system/run-program.ts';
import { answerNobody, lookForWaiting } from './waiting.ts';

/**
 * `otop next`: brings the pane of who waits longest in front; one that cannot be brought there makes place for the next,
 * and is named. 0 where that worked, 1 where nobody waits or nobody can be jumped to, 2 where it could not be told.
 */
export async function jumpToNext(options: Options, context: Context): Promise<number> {
  const waiting = await lookForWaiting(options, context);
  if (waiting.rows.length === 0) {
    const code = answerNobody(waiting, options, context);
    if (code === exitCodes.no) context.stderr.write('otop: nobody needs you\n');
    return code;
  }
  const desk = { env: context.env, run: runCommand, monotonicMs: context.clock.monotonicMs };
  for (const row of waiting.rows) {
    const jump = await jumpTo(row, desk);
    const title = row.session?.title ?? row.key;
    const stream = jump.kind === 'jumped' ? context.stdout : context.stderr;
    stream.write(`${jump.kind === 'jumped' ? '' : 'otop: '}${title}: ${jump.text}\n`);
    if (jump.kind === 'jumped') return exitCodes.ok;
  }
  return exitCodes.no;
}
