import { errorWords } from '../domain/session/rules/ended.ts';
import type { HistoryMessage, HistoryTool } from '../domain/session/session-detail.ts';
import { sentTokens, writtenTokens } from '../domain/session/tokens.ts';
import { clockTime, compactCount, duration, money } from '../text/format.ts';
import { fitCells, truncate } from '../text/width.ts';
import type { FrameInput } from './frame-input.ts';
import { type Line, type Span, span } from './line.ts';
import { markdownLines } from './markdown.ts';
import type { StyleName } from './theme.ts';
import { wrapSpans } from './wrap-line.ts';

/** Cells of the time and of the speaker before each text. */
const timeCells = 9;
const speakerCells = 11;
const leadCells = timeCells + speakerCells;
/** From this width on, time and speaker are beside the text; below it, above the text. */
const besideCells = 60;
/** Maximum cells of a tool's arguments, shown if no shorter subject is known. */
const inputCells = 200;

/** The part of a frame's input that a message depends on. It excludes the time, so laid out messages can be cached. */
export type MessageFormat = Pick<FrameInput, 'glyphs' | 'utcOffsetMinutes'>;

/** Returns one message as lines of at most `cells`: time, speaker, text, tools and usage. */
export function messageLines(message: HistoryMessage, cells: number, format: MessageFormat): Line[] {
  const beside = cells >= besideCells;
  const indent = beside ? leadCells : 2;
  const body = [
    ...textSpans(message, cells - indent, format),
    ...message.tools.flatMap((tool) => wrapSpans(toolSpans(tool, format), cells - indent, 2)),
    ...errorSpans(message).flatMap((spans) => wrapSpans(spans, cells - indent)),
    ...footerSpans(message).flatMap((spans) => wrapSpans(spans, cells - indent)),
  ];
  const lead = leadSpan(message, format);
  const blank = span(' '.repeat(indent));
  if (!beside) return [{ spans: [lead] }, ...body.map((spans) => ({ spans: [blank, ...spans] }))];
  const lines = body.length > 0 ? body : [[]];
  return lines.map((spans, index) => ({ spans: [index === 0 ? lead : blank, ...spans] }));
}

function textSpans(message: HistoryMessage, cells: number, { glyphs }: MessageFormat): Span[][] {
  if (message.role === 'user')
    return message.lines.flatMap((text) => wrapSpans([span(text, 'strong')], cells));
  return markdownLines(message.lines, glyphs).flatMap(({ spans, hang }) => wrapSpans(spans, cells, hang));
}

function leadSpan(
  { role, agent, createdAtMs }: HistoryMessage,
  { glyphs, utcOffsetMinutes }: MessageFormat,
): Span {
  const time = createdAtMs === undefined ? '-' : clockTime(createdAtMs, utcOffsetMinutes);
  const speaker = role === 'user' ? 'you' : (agent ?? role);
  const text = `${time.padEnd(timeCells)}${fitCells(speaker, speakerCells - 1, 'left', glyphs.ellipsis)} `;
  return span(text, role === 'user' ? 'key' : 'label');
}

function toolSpans({ tool, status, subject, input, error }: HistoryTool, { glyphs }: MessageFormat): Span[] {
  const styles: Record<HistoryTool['status'], [sign: string, style: StyleName]> = {
    completed: [glyphs.done, 'muted'],
    running: [glyphs.working, 'working'],
    pending: [glyphs.queued, 'working'],
    error: [glyphs.error, 'failed'],
    unknown: ['-', 'muted'],
  };
  const [sign, style] = styles[status];
  const given = subject ?? (input === undefined ? undefined : truncate(input, inputCells, glyphs.ellipsis));
  const what = [given, error].filter((text) => text !== undefined).join('  ');
  return [span(`${sign} ${tool} `, style), span(what, style)];
}

function errorSpans({ error }: HistoryMessage): Span[][] {
  if (!error) return [];
  return [[span(errorWords(error), 'failed')]];
}

/** Tokens, cost and duration of a completed assistant message; empty for any other message. */
function footerSpans(message: HistoryMessage): Span[][] {
  const { role, tokens, cost, finish, createdAtMs, completedAtMs } = message;
  if (role !== 'assistant' || completedAtMs === undefined) return [];
  const took = createdAtMs === undefined ? undefined : duration(completedAtMs - createdAtMs);
  const text = [
    tokens && `in ${compactCount(sentTokens(tokens))}`,
    tokens && `out ${compactCount(writtenTokens(tokens))}`,
    cost !== undefined && cost > 0 ? money(cost) : undefined,
    took,
    finish === 'stop' || finish === 'tool-calls' ? undefined : finish,
  ]
    .filter((part) => part !== undefined)
    .join('  ');
  return text === '' ? [] : [[span(text, 'muted')]];
}
