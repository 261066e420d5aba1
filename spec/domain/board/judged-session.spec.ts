import { describe, expect, it } from 'vitest';
import { childrenByParent } from '../../../lib/domain/board/family.ts';
import { isOfInterest, judgedSession } from '../../../lib/domain/board/judged-session.ts';
import type { ReportedStatus } from '../../../lib/domain/session/reported-status.ts';
import type { Session } from '../../../lib/domain/session/session.ts';
import { ago, finished, nowMs, process, session, text, textPart, working } from '../../support/builders.ts';

const asks: ReportedStatus = {
  source: 'server',
  sessionId: 'ses_sub',
  atMs: ago(1),
  activity: { kind: 'busy' },
  asks: [{ id: 'per_1', kind: 'permission', tool: text('bash'), patterns: [text('npm test')] }],
};

function judged(root: Session, subagents: readonly Session[] = [], reports: readonly ReportedStatus[] = []) {
  return judgedSession(
    root,
    { process: process() },
    {
      nowMs,
      lookup: () => ({ contextLimitTokens: 200_000, price: { input: 0, output: 0 } }),
      children: childrenByParent([root, ...subagents]),
      reportOf: (id) => reports.find(({ sessionId }) => sessionId === id),
      viewedAtMs: () => undefined,
    },
  );
}

describe('a judged session', () => {
  it('shows the ask of its subagent, and adds the subagent’s cost to its total', () => {
    const root = { ...working([textPart(3)]), cost: 0.5 };
    const sub = { ...working([textPart(3)]), id: 'ses_sub', parentId: root.id, cost: 0.25 };
    const { state, cost, children } = judged(root, [sub], [asks]);
    expect([state.name, state.raisedFrom?.sessionId, state.needsYou]).toEqual(['asking', 'ses_sub', true]);
    expect(cost).toEqual({ own: 0.5, total: 0.75 });
    expect(children.map(({ session: { id }, state: { name } }) => `${id} ${name}`)).toEqual([
      'ses_sub asking',
    ]);
  });

  it('uses the window of the model of its last message with output', () => {
    const model = { providerId: text('anthropic'), modelId: text('claude') };
    const { context } = judged(session({ contextTokens: 50_000, contextModel: model }));
    expect(context).toEqual({ usedTokens: 50_000, limitTokens: 200_000, percent: 25 });
  });

  it('has the share of the window and the cost of each subagent, by the facts of its model', () => {
    const contextModel = { providerId: text('opencode'), modelId: text('big-pickle') };
    const facts = { contextTokens: 20_000, contextModel, cost: 0 };
    const sub = session({ id: 'ses_sub', parentId: session().id, ...facts });
    const [child] = judged(session(), [sub]).children;
    expect(child).toMatchObject({
      context: { usedTokens: 20_000, limitTokens: 200_000, percent: 10 },
      cost: 0,
    });
  });

  it('is of interest while it works or waits, and not at rest', () => {
    expect(isOfInterest(judged(working([textPart(3)])))).toBe(true);
    expect(isOfInterest(judged(session({ newestAssistant: finished(5) })))).toBe(false);
  });
});
