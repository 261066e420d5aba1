import type { Row, Subagent } from '../domain/board/board.ts';
import { isElsewhere } from '../domain/process/whereabouts.ts';
import type { Part, Session, ToolCall } from '../domain/session/session.ts';
import { stateWord } from '../domain/session/state.ts';
import { byteSize, compactCount, duration, money, percent, shortDuration } from '../text/format.ts';
import type { FrameInput } from './frame-input.ts';
import { type Line, type Span, span } from './line.ts';
import { stateStyle } from './state-style.ts';
import type { StyleName } from './theme.ts';

/** Cells of the fact's name before its text. */
export const factIndent = 10;

/** Returns the Board's facts of one session as unwrapped lines. The closed detail log and the tab `facts` show them. */
export function sessionFacts(row: Row, input: FrameInput): Line[] {
  const { session, process } = row;
  return [
    ...stateFacts(row, input),
    ...(session ? sessionLines(row, session, input) : []),
    ...row.children.map((child) => subagentLine(child, input)),
    ...(process ? processLines(row, input) : [withoutProcess(row)]),
    ...matchLines(row),
  ];
}

function fact(name: string, text: string, style: StyleName = 'plain'): Line {
  return { spans: [span(name.padEnd(factIndent), 'label'), span(text, style)] };
}

function list(name: string, parts: readonly (string | undefined)[], style: StyleName = 'plain'): Line[] {
  const known = parts.filter((part) => part !== undefined && part !== '');
  return known.length > 0 ? [fact(name, known.join('  '), style)] : [];
}

function stateFacts(row: Row, { glyphs, nowMs }: FrameInput): Line[] {
  const { state } = row;
  const { glyph, style } = stateStyle(state, glyphs);
  const since = state.sinceMs === undefined ? '' : ` for ${duration(nowMs - state.sinceMs)}`;
  const tool = state.tool === undefined ? '' : ` ${state.tool}`;
  const spans: Span[] = [
    span('state'.padEnd(factIndent), 'label'),
    span(`${glyph} ${stateWord(state)}${tool}`, style),
    span(since),
  ];
  const lines: Line[] = [{ spans }];
  if (state.raisedFrom) {
    lines.push(fact('', `of its subagent ${state.raisedFrom.title ?? state.raisedFrom.sessionId}`, 'muted'));
  }
  if (state.detail !== undefined) lines.push(fact('', state.detail, style));
  if (row.asksUnseen !== undefined) lines.push(fact('asks', `cannot be seen: ${row.asksUnseen}`, 'trouble'));
  return lines;
}

function sessionLines(row: Row, session: Session, input: FrameInput): Line[] {
  const prompt = session.lastPrompt;
  const lines: Line[] = [];
  if (prompt?.text !== undefined) lines.push(fact(`you${ago(prompt.createdAtMs, input)}`, prompt.text));
  for (const part of session.newestAssistant?.parts ?? []) lines.push(...toolLine(part, input));
  const { newestAssistant, lastOutput, todos, tokens } = session;
  if (newestAssistant?.error) {
    const { name, message } = newestAssistant.error;
    lines.push(fact('error', message === undefined ? name : `${name}: ${message}`, 'failed'));
  }
  if (lastOutput !== undefined) lines.push(fact('said', lastOutput));
  if (todos) lines.push(fact('todos', `${todos.done} of ${todos.total} done`));
  if (tokens) {
    lines.push(
      ...list('tokens', [
        `in ${compactCount(tokens.input)}`,
        `cached ${compactCount(tokens.cacheRead)}`,
        `cache written ${compactCount(tokens.cacheWrite)}`,
        `out ${compactCount(tokens.output)}`,
        `reasoning ${compactCount(tokens.reasoning)}`,
      ]),
    );
  }
  lines.push(...contextLine(row), ...costLine(row));
  const { model } = session;
  lines.push(
    ...list('model', [
      model && `${model.providerId}/${model.modelId}`,
      model?.variant,
      session.agent && `agent ${session.agent}`,
      session.version && `opencode ${session.version}`,
    ]),
    ...list('session', [session.id, session.directory, session.interactive ? undefined : 'not interactive']),
  );
  return lines;
}

/** Uses one unit: two, as in `26m45s`, would leave no blank between name and text. */
function ago(atMs: number | undefined, input: FrameInput): string {
  return atMs === undefined ? '' : ` ${shortDuration(input.nowMs - atMs)}`;
}

/** A tool call that is pending, running or failed; completed calls give no line. */
function toolLine(part: Part, input: FrameInput): Line[] {
  if (part.kind !== 'tool') return [];
  const { call } = part;
  if (call.status === 'completed') return [];
  const span =
    call.status === 'running' && call.startedAtMs !== undefined ? input.nowMs - call.startedAtMs : undefined;
  const text = [
    call.tool,
    callWord(call),
    span === undefined ? '' : duration(span),
    call.subject ?? call.question ?? call.error,
  ];
  return [
    fact('tool', text.filter((word) => word).join('  '), call.status === 'error' ? 'failed' : 'working'),
  ];
}

function callWord(call: ToolCall): string {
  return call.status === 'running' ? '' : call.status;
}

function contextLine(row: Row): Line[] {
  const { usedTokens, limitTokens, percent: share } = row.context;
  return list('context', [
    share === undefined ? undefined : percent(share),
    usedTokens === undefined ? undefined : `${compactCount(usedTokens)} tokens`,
    limitTokens === undefined ? undefined : `of ${compactCount(limitTokens)}`,
  ]);
}

function costLine(row: Row): Line[] {
  const { own, total } = row.cost ?? {};
  if (own === undefined && total === undefined) return [];
  const whole = total ?? own ?? 0;
  const split =
    own !== undefined && own !== whole ? `  own ${money(own)}, subagents ${money(whole - own)}` : '';
  return [fact('cost', money(whole) + split)];
}

function subagentLine(child: Subagent, { glyphs, nowMs }: FrameInput): Line {
  const { session, state, depth } = child;
  const { glyph, style } = stateStyle(state, glyphs);
  const since = state.sinceMs === undefined ? '' : ` ${duration(nowMs - state.sinceMs)}`;
  return {
    spans: [
      span('subagent'.padEnd(factIndent), 'label'),
      span(' '.repeat(2 * Math.max(0, depth - 1))),
      span(`${glyph} ${stateWord(state)}${since}  `, style),
      span(session.title ?? session.id),
    ],
  };
}

function withoutProcess({ host, session }: Row): Line {
  const elsewhere = session !== undefined && isElsewhere(session);
  return fact('process', elsewhere ? `runs on ${host}` : 'none runs it now', 'muted');
}

function processLines(row: Row, input: FrameInput): Line[] {
  const { process } = row;
  if (!process) return [];
  const { pane } = process;
  return [
    ...list('process', [
      `pid ${process.pid}`,
      process.kind,
      process.tty,
      process.startedAtMs === undefined ? undefined : `up ${duration(input.nowMs - process.startedAtMs)}`,
      process.cpuPercent === undefined ? undefined : `cpu ${percent(process.cpuPercent)}`,
      process.rssBytes === undefined ? undefined : `mem ${byteSize(process.rssBytes)}`,
      process.ports.length > 0 ? `port ${process.ports.join(', ')}` : undefined,
      process.orphan ? 'its terminal is gone' : undefined,
    ]),
    ...(pane ? list('tmux', [pane.target, pane.windowName, pane.title]) : []),
    ...process.children.map((child) => fact('child', `${child.pid}  ${child.command}`, 'muted')),
    ...process.missing.map((reason) => fact('missing', reason, 'trouble')),
  ];
}

/** Why otop believes that this process runs this session. */
function matchLines(row: Row): Line[] {
  const { match } = row;
  if (!match) return [];
  return [
    fact(
      'match',
      `${match.confidence}, by ${match.evidence}: ${match.why}`,
      match.confidence === 'guess' ? 'warm' : 'plain',
    ),
    ...match.pieces.slice(1).map((piece) => fact('', `${piece.kind}: ${piece.why}`, 'muted')),
  ];
}
