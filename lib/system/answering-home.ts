import { sanitize } from '../text/sanitize.ts';
import type { Context } from './context.ts';
import { type HomeGuard, homeFolders, homeGuard } from './filesystem-probe.ts';

/** A home on a network may be slow, and waiting is better than failing; but not for ever, and not without a word. */
const homePatienceMs = 5000;

/** Nothing is read before the person's folders answered; where they do not, otop says so and ends. */
export async function answeringHome({ env, homeDir, clock, stderr }: Context): Promise<HomeGuard> {
  const home = homeGuard(homeFolders(env, homeDir), clock);
  if (await home.answers(homePatienceMs)) return home;
  stderr.write(`${sanitize(`otop: ${home.silence()}; is it on a network that is down?`)}\n`);
  home.abandon();
  return home;
}
