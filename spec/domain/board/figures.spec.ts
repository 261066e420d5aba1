import { describe, expect, it } from 'vitest';
import { contextUse, costWithSubagents, ownCost } from '../../../lib/domain/board/figures.ts';
import type { ModelFacts, ModelLookup } from '../../../lib/domain/session/model-facts.ts';
import { model, session, text, tokens } from '../../support/builders.ts';

const knows =
  (facts: ModelFacts): ModelLookup =>
  ({ modelId }) =>
    modelId === model.modelId ? facts : undefined;
const nothing: ModelLookup = () => undefined;

const paid = knows({ price: { input: 3, output: 15 } });
const free = knows({ price: { input: 0, output: 0 } });
const some = tokens({ input: 1_000, output: 200 });

describe('context', () => {
  it('is the tokens of the last message divided by the limit of its model', () => {
    const used = session({ contextTokens: 162_000, contextModel: model });
    expect(contextUse(used, knows({ contextLimitTokens: 200_000 }))).toEqual({
      usedTokens: 162_000,
      limitTokens: 200_000,
      percent: 81,
    });
  });

  it('uses the model of the message, not the model chosen later', () => {
    const chosen = { ...model, modelId: text('other') };
    const used = session({ contextTokens: 10, contextModel: model, model: chosen });
    expect(contextUse(used, knows({ contextLimitTokens: 100 })).percent).toBe(10);
  });

  it('has no percentage if one of the two is unknown', () => {
    const used = session({ contextTokens: 162_000 });
    expect(contextUse(used, nothing)).toEqual({ usedTokens: 162_000 });
    expect(contextUse(used, knows({ contextLimitTokens: 0 }))).toEqual({ usedTokens: 162_000 });
    expect(contextUse(session(), knows({ contextLimitTokens: 200_000 }))).toEqual({ limitTokens: 200_000 });
  });
});

describe('cost', () => {
  it.each([
    ['what opencode counted', 0.31, some, nothing, 0.31],
    ['unknown where the version counts none', undefined, some, paid, undefined],
    ['unknown where it is 0 and no price is known', 0, some, nothing, undefined],
    ['0 where the model is free', 0, some, free, 0],
    ['unknown where it is 0 in spite of a price and tokens (a subscription)', 0, some, paid, undefined],
    ['0 where nothing was used yet of a model with a price', 0, tokens(), paid, 0],
    ['unknown where the price has figures missing', 0, some, knows({ price: { input: 0 } }), undefined],
  ])('is %s', (_, cost, used, lookup, expected) => {
    const { cost: _c, ...rest } = session({ tokens: used });
    expect(ownCost(cost === undefined ? rest : { ...rest, cost }, lookup)).toBe(expected);
  });

  it('has an own cost and a total with the subagents', () => {
    const root = session({ cost: 1, tokens: some });
    const sub = session({ id: 'ses_sub', cost: 0.25, tokens: some });
    expect(costWithSubagents(root, [sub, sub], nothing)).toEqual({ own: 1, total: 1.5 });
    expect(costWithSubagents(root, [], nothing)).toEqual({ own: 1, total: 1 });
  });

  it('has no total if any session that used tokens has an unknown cost', () => {
    const root = session({ cost: 1, tokens: some });
    const unknown = session({ id: 'ses_sub', cost: 0, tokens: some });
    expect(costWithSubagents(root, [unknown], nothing)).toEqual({ own: 1 });
    const idle = session({ id: 'ses_sub', cost: 0, tokens: tokens() });
    expect(costWithSubagents(root, [idle], nothing)).toEqual({ own: 1, total: 1 });
    expect(costWithSubagents(unknown, [root], nothing)).toEqual({});
  });
});
