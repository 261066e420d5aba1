import type { Trouble } from '../domain/board/board.ts';
import type { Context } from '../system/context.ts';

/** Says on stderr what the sources could not deliver. */
export function sayTroubles(troubles: readonly Trouble[], { stderr }: Context): void {
  for (const { source, text } of troubles) stderr.write(`otop: ${source}: ${text}\n`);
}
