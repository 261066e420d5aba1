import type { Row, Subagent } from '../domain/board/board.ts';
import { stateWord } from '../domain/session/state-word.ts';
import { writtenTokens } from '../domain/session/token-sums.ts';
import { compactCount, duration, money } from '../text/format.ts';
import type { FrameContext } from './frame-context.ts';
import { type Line, type Span, span } from './line.ts';
import { stateLook } from './state-style.ts';

/** A session's subagents as a tree: what each does and since when, who it is, what it took. */
export function subagentTree(row: Row, context: FrameContext): Line[] {
  if (row.children.length === 0) return [{ spans: [span('no subagents', 'muted')] }];
  const own = row.cost?.own;
  const total = row.cost?.total;
  const count = `${row.children.length} ${row.children.length === 1 ? 'subagent' : 'subagents'}`;
  const heading =
    own === undefined || total === undefined || own === total
      ? count
      : `${count}: ${money(total - own)} of ${money(total)}`;
  return [{ spans: [span(heading, 'label')] }, ...row.children.map((child) => branch(child, context))];
}

function branch({ session, state, depth }: Subagent, { glyphs, nowMs }: FrameContext): Line {
  const look = stateLook(state, glyphs);
  const since = state.sinceMs === undefined ? '' : ` ${duration(nowMs - state.sinceMs)}`;
  const { agent, model, tokens, cost, messageCount } = session;
  const facts = [
    agent,
    model?.modelId,
    messageCount === undefined ? undefined : `${messageCount} msgs`,
    tokens && `out ${compactCount(writtenTokens(tokens))}`,
    cost === undefined || cost === 0 ? undefined : money(cost),
  ].filter((part) => part !== undefined);
  const spans: Span[] = [
    span(' '.repeat(2 * Math.max(0, depth - 1))),
    span(`${look.glyph} ${stateWord(state)}${since}  `, look.style),
    span(session.title ?? session.id, state.needsYou ? 'strong' : 'plain'),
    span(`  ${facts.join('  ')}`, 'muted'),
  ];
  if (state.detail !== undefined && state.needsYou) spans.push(span(`  ${state.detail}`, look.style));
  return { spans };
}
