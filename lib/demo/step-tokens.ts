import type { TokenCount } from '../domain/session/session.ts';
import type { DemoModel } from './models.ts';
import type { Random } from './random.ts';

/** The tokens of one step of a model whose window holds so many already, and those in the window afterwards. */
export function stepTokens(
  random: Random,
  model: DemoModel,
  contextTokens: number,
): { readonly tokens: TokenCount; readonly contextTokens: number } {
  const room = Math.max(200, model.contextTokens - contextTokens - 1000);
  const added = Math.min(random.between(500, 3600), room);
  const output = random.between(90, 900);
  const reasoning = model.providerID === 'openai' ? random.between(0, 700) : 0;
  const writesCache = (model.price?.cacheWrite ?? 0) > 0;
  const tokens = {
    input: writesCache ? random.between(3, 12) : added,
    output,
    reasoning,
    cacheRead: contextTokens,
    cacheWrite: writesCache ? added : 0,
  };
  return { tokens, contextTokens: contextTokens + added + output };
}
