import type { Options } from '../config/options.ts';
import { jumpTo } from '../dashboard/desktop/jump.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { findWaiting, reportNoneWaiting } from './waiting.ts';

/**
 * `otop next`: jumps to the pane of the session that has waited longest. If that fails, names it on stderr and tries
 * the next. A session of the simulated fleet has no terminal. Exit code 0 after a jump, 1 if no session waits or no jump
 * works, 2 if otop cannot know.
 */
export async function jumpToNext(options: Options, context: Context): Promise<number> {
  const waiting = await findWaiting(options, context);
  if (waiting.rows.length === 0) {
    const code = reportNoneWaiting(waiting, options, context);
    if (code === exitCodes.no) context.stderr.write('otop: nobody needs you\n');
    return code;
  }
  if (waiting.board.demo) {
    context.stderr.write('otop: a simulated session has no terminal\n');
    return exitCodes.no;
  }
  const { env, clock, machine } = context;
  const jumpContext = { env, run: machine.run, monotonicMs: clock.monotonicMs };
  for (const row of waiting.rows) {
    const jump = await jumpTo(row, jumpContext);
    const title = row.session?.title ?? row.key;
    const stream = jump.kind === 'jumped' ? context.stdout : context.stderr;
    stream.write(`${jump.kind === 'jumped' ? '' : 'otop: '}${title}: ${jump.text}\n`);
    if (jump.kind === 'jumped') return exitCodes.ok;
  }
  return exitCodes.no;
}
