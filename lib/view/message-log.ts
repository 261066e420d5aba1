import type { HistoryMessage, HistoryTool } from '../domain/session-detail.ts';
import { clockTime, compactCount, duration, money } from '../text/format.ts';
import { truncate } from '../text/width.ts';
import type { FrameContext } from './frame-context.ts';
import { type Line, type Span, span } from './line.ts';
import type { StyleName } from './theme.ts';

/** Cells of the time and of the speaker in front of each text. */
const timeCells = 9;
const speakerCells = 11;
/** Lines of one message's text: the log is for reading along, not for archives. */
const mostLines = 60;
/** Cells of a tool's arguments, where nothing shorter says what it works on. */
const inputCells = 100;

/** A conversation as unwrapped lines: when, who, what was said, which tools ran, what it took. */
export function messageLog(messages: readonly HistoryMessage[], context: FrameContext): Line[] {
  return messages.flatMap((message) => messageLines(message, context));
}

function messageLines(message: HistoryMessage, context: FrameContext): Line[] {
  const shown = message.lines.slice(0, mostLines);
  const left = message.lines.length - shown.length;
  const isUser = message.role === 'user';
  const texts: Span[] = [
    ...shown.map((text) => span(text, isUser ? 'strong' : 'plain')),
    ...(left > 0 ? [span(`${left} more lines`, 'muted')] : []),
  ];
  const spoken = texts.map((text) => [span(''), text]);
  const tools = message.tools.map((tool) => toolSpans(tool, context));
  const bodies = [...spoken, ...tools, ...errorSpans(message)];
  const lead = leadSpan(message, context);
  const lines = (bodies.length > 0 ? bodies : [[span('')]]).map((spans, index) => ({
    spans: [index === 0 ? lead : span(' '.repeat(timeCells + speakerCells)), ...spans],
  }));
  const footer = footerText(message);
  if (footer !== '')
    lines.push({ spans: [span(' '.repeat(timeCells + speakerCells)), span(footer, 'muted')] });
  return lines;
}

function leadSpan({ role, agent, createdAtMs }: HistoryMessage, context: FrameContext): Span {
  const time = createdAtMs === undefined ? '-' : clockTime(createdAtMs, context.utcOffsetMinutes);
  const speaker = role === 'user' ? 'you' : (agent ?? role);
  const text = `${time.padEnd(timeCells)}${speaker.slice(0, speakerCells - 1).padEnd(speakerCells)}`;
  return span(text, role === 'user' ? 'key' : 'label');
}

function toolSpans({ tool, status, subject, input, error }: HistoryTool, context: FrameContext): Span[] {
  const { glyphs } = context;
  const looks: Record<HistoryTool['status'], [sign: string, style: StyleName]> = {
    completed: [glyphs.done, 'muted'],
    running: [glyphs.working, 'working'],
    pending: [glyphs.queued, 'working'],
    error: [glyphs.error, 'failed'],
    unknown: ['-', 'muted'],
  };
  const [sign, style] = looks[status];
  const given = subject ?? (input === undefined ? undefined : truncate(input, inputCells, glyphs.ellipsis));
  const what = [given, error].filter((text) => text !== undefined).join('  ');
  return [span(`${sign} ${tool} `, style), span(what, style)];
}

function errorSpans({ error }: HistoryMessage): Span[][] {
  if (!error) return [];
  return [
    [span(''), span(error.message === undefined ? error.name : `${error.name}: ${error.message}`, 'failed')],
  ];
}

/** What an assistant's message took; nothing for a person's. */
function footerText({ role, tokens, cost, finish, createdAtMs, completedAtMs }: HistoryMessage): string {
  if (role !== 'assistant' || completedAtMs === undefined) return '';
  const took = createdAtMs === undefined ? undefined : duration(completedAtMs - createdAtMs);
  return [
    tokens && `in ${compactCount(tokens.input + tokens.cacheRead + tokens.cacheWrite)}`,
    tokens && `out ${compactCount(tokens.output + tokens.reasoning)}`,
    cost !== undefined && cost > 0 ? money(cost) : undefined,
    took,
    finish === 'stop' || finish === 'tool-calls' ? undefined : finish,
  ]
    .filter((part) => part !== undefined)
    .join('  ');
}
