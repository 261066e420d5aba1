import type { Context } from '../context.ts';
import type { Options } from '../options.ts';

/** Stub until the widgets stand. */
export async function runDashboard(_options: Options, _context: Context): Promise<number> {
  return 0;
}
