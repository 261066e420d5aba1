import type { Context } from '../context.ts';
import type { Trouble } from '../domain/board.ts';

/** Says on stderr what the sources could not deliver. */
export function sayTroubles(troubles: readonly Trouble[], { stderr }: Context): void {
  for (const { source, text } of troubles) stderr.write(`otop: ${source}: ${text}\n`);
}
