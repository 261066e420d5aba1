import type { Row, Subagent } from '../domain/board/board.ts';
import { paneHere, whereabouts } from '../domain/process/whereabouts.ts';
import type { McpServer } from '../domain/session/mcp-server.ts';
import { isDoneTodo, type TodoItem } from '../domain/session/session-detail.ts';
import { stateWord } from '../domain/session/state.ts';
import { writtenTokens } from '../domain/session/tokens.ts';
import { type DetailTab, detailTabs } from '../domain/ui/key-binding.ts';
import { compactCount, duration, money } from '../text/format.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import type { StyledText } from '../text/sgr.ts';
import type { DetailBody, DetailContent, FrameInput, WindowView } from './frame-input.ts';
import { type Line, type Span, span } from './line.ts';
import { sessionFacts } from './session-facts.ts';
import { stateStyle } from './state-style.ts';

/** Data read for the open detail log. A field is undefined if it was not requested or could not be read. */
export interface DetailReading {
  readonly log?: { readonly view: WindowView; readonly messageCount: number };
  readonly pane?: readonly (readonly StyledText[])[] | DisplayText;
  readonly todos?: readonly TodoItem[];
  readonly mcp?: readonly McpServer[];
  readonly why?: readonly DisplayText[];
}

/** Cells that all tab names need with their brackets. A narrower screen shortens each to three letters. */
const tabCells = 66;

/** Returns the content of the open detail log: all tab names and the lines of the active tab. */
export function detailContent(
  row: Row,
  tab: DetailTab,
  reading: DetailReading,
  input: FrameInput,
): DetailContent {
  const letters = input.cols < tabCells ? 3 : Number.POSITIVE_INFINITY;
  return {
    key: row.key,
    tabs: detailTabs.map((name) => ({
      name,
      label: sanitize(name.slice(0, letters)),
      active: name === tab,
    })),
    body: bodyOf(row, tab, reading, input),
  };
}

function bodyOf(row: Row, tab: DetailTab, reading: DetailReading, input: FrameInput): DetailBody {
  switch (tab) {
    case 'log':
      return row.elsewhere ? text(remoteLines(row)) : logBody(row, reading);
    case 'pane':
      return paneBody(row, reading);
    case 'facts':
      return text(sessionFacts(row, input));
    case 'todos':
      return text(todoLines(reading.todos ?? [], input));
    case 'subagents':
      return text(subagentTree(row, input));
    case 'mcp':
      return text(mcpLines(reading.mcp, input));
    case 'why':
      return text(
        (reading.why ?? [sanitize('nothing to explain here')]).map((line) => ({ spans: [span(line)] })),
      );
    default:
      return tab satisfies never;
  }
}

const muted = (words: string): Line => ({ spans: [span(words, 'muted')] });
const text = (lines: readonly Line[]): DetailBody => ({ kind: 'text', lines });

function logBody({ session }: Row, { log }: DetailReading): DetailBody {
  if (!session) return text([muted('no session yet')]);
  if (log === undefined) return text([muted('no messages can be read now')]);
  if (log.messageCount === 0) return text([muted('no messages yet')]);
  return { kind: 'window', ...log };
}

/** Prompt and output that another machine reported. The conversation itself stays there. */
function remoteLines({ host, session }: Row): Line[] {
  const prompt = session?.lastPrompt?.text;
  return [
    ...(prompt === undefined ? [] : [{ spans: [span('you  ', 'label'), span(prompt)] }]),
    ...(session?.lastOutput === undefined ? [] : [{ spans: [span(session.lastOutput)] }]),
    muted(`the conversation is on ${host}: otop there shows it`),
  ];
}

function paneBody(row: Row, { pane }: DetailReading): DetailBody {
  if (!paneHere(row)) return text([muted(`no tmux pane: ${whereabouts(row).text}`)]);
  if (pane === undefined) return text([muted('asking tmux …')]);
  if (typeof pane === 'string') return text([muted(pane)]);
  const lines = pane.map((pieces) => ({
    spans: pieces.map((piece) => span(piece.text, piece.style)),
  }));
  return { kind: 'text', lines, cut: true, followEnd: true };
}

function todoLines(todos: readonly TodoItem[], { glyphs }: FrameInput): Line[] {
  if (todos.length === 0) return [muted('no todos')];
  return todos.map(({ status, content, priority }) => {
    const isDone = isDoneTodo(status);
    const isCancelled = status === 'cancelled';
    const finished = isCancelled ? '-' : glyphs.done;
    const sign = isDone ? finished : status === 'in_progress' ? glyphs.working : glyphs.idle;
    const style = isDone ? 'muted' : status === 'in_progress' ? 'working' : 'plain';
    const remark = isDone ? (isCancelled ? status : undefined) : priority;
    const tail = remark === undefined ? '' : `  (${remark})`;
    return { spans: [span(`${sign} `, style), span(`${content}${tail}`, style)] };
  });
}

function mcpLines(servers: readonly McpServer[] | undefined, { glyphs }: FrameInput): Line[] {
  if (servers === undefined) return [muted('the configuration cannot be read now')];
  if (servers.length === 0) return [muted('no MCP servers are configured for this directory')];
  return servers.map(({ name, type, endpoint, enabled, from }) => ({
    spans: [
      span(`${enabled ? glyphs.done : glyphs.idle} `, enabled ? 'working' : 'muted'),
      span(name, enabled ? 'strong' : 'muted'),
      span(`  ${enabled ? type : `${type}, disabled`}  `, 'muted'),
      span([endpoint, `(${from})`].filter((part) => part !== undefined).join('  '), 'muted'),
    ],
  }));
}

/** A session's subagents as a tree with state, duration, agent, model and cost. */
function subagentTree(row: Row, input: FrameInput): Line[] {
  if (row.children.length === 0) return [{ spans: [span('no subagents', 'muted')] }];
  const own = row.cost?.own;
  const total = row.cost?.total;
  const count = `${row.children.length} ${row.children.length === 1 ? 'subagent' : 'subagents'}`;
  const heading =
    own === undefined || total === undefined || own === total
      ? count
      : `${count}: ${money(total - own)} of ${money(total)}`;
  return [{ spans: [span(heading, 'label')] }, ...row.children.map((child) => subagentLine(child, input))];
}

function subagentLine({ session, state, depth, cost }: Subagent, { glyphs, nowMs }: FrameInput): Line {
  const { glyph, style } = stateStyle(state, glyphs);
  const since = state.sinceMs === undefined ? '' : ` ${duration(nowMs - state.sinceMs)}`;
  const { agent, model, tokens, messageCount } = session;
  const facts = [
    agent,
    model?.modelId,
    messageCount === undefined ? undefined : `${messageCount} msgs`,
    tokens && `out ${compactCount(writtenTokens(tokens))}`,
    cost === undefined ? undefined : money(cost),
  ].filter((part) => part !== undefined);
  const spans: Span[] = [
    span(' '.repeat(2 * Math.max(0, depth - 1))),
    span(`${glyph} ${stateWord(state)}${since}  `, style),
    span(session.title ?? session.id, state.needsYou ? 'strong' : 'plain'),
    span(`  ${facts.join('  ')}`, 'muted'),
  ];
  if (state.detail !== undefined && state.needsYou) spans.push(span(`  ${state.detail}`, style));
  return { spans };
}
