import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Part, ToolCall } from '../../domain/session/session.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { asArray, asDisplay, asObject, asText, asTime, at, type JsonObject } from '../json.ts';

/** A row of `part` with its JSON parsed; `data` is undefined if it is no JSON object. */
export interface PartRow {
  readonly id: string;
  readonly updatedAtMs: number | undefined;
  readonly data: JsonObject | undefined;
}

/** The typed form of a part. Invalid JSON and unknown types become `other`; never throws. */
export function partOf(row: PartRow): Part {
  const updated = omitUndefined({ updatedAtMs: row.updatedAtMs });
  switch (at(row.data, 'type')) {
    case 'tool':
      return { kind: 'tool', call: toolCallOf(row) };
    case 'text':
      return { kind: 'text', ...streamOf(row.data), ...updated };
    case 'reasoning':
      return { kind: 'reasoning', ...streamOf(row.data), ...updated };
    case 'step-start':
      return { kind: 'step-start', ...updated };
    case 'step-finish':
      return { kind: 'step-finish', ...updated };
    case 'compaction':
      return { kind: 'compaction', ...updated };
    default:
      return { kind: 'other', ...omitUndefined({ type: asDisplay(at(row.data, 'type')) }), ...updated };
  }
}

function streamOf(data: JsonObject | undefined) {
  const text = at(data, 'text');
  return omitUndefined({
    startedAtMs: asTime(at(data, 'time', 'start')),
    endedAtMs: asTime(at(data, 'time', 'end')),
    hasText: typeof text === 'string' && text !== '',
  });
}

function toolCallOf(row: PartRow): ToolCall {
  const state = asObject(at(row.data, 'state'));
  const input = asObject(at(state, 'input'));
  return omitUndefined({
    partId: row.id,
    callId: asText(at(row.data, 'callID')),
    tool: toolName(at(row.data, 'tool')),
    status: toolStatus(at(state, 'status')),
    startedAtMs: asTime(at(state, 'time', 'start')),
    endedAtMs: asTime(at(state, 'time', 'end')),
    updatedAtMs: row.updatedAtMs,
    hasMetadata: asObject(at(state, 'metadata')) !== undefined,
    subject: subjectOf(input),
    question: asDisplay(at(asObject(asArray(at(input, 'questions'))[0]), 'question')),
    childSessionId: asText(at(state, 'metadata', 'sessionId')) ?? asText(at(state, 'metadata', 'sessionID')),
    error: errorText(at(state, 'error')),
  });
}

/** The tool's name for display; `tool` if the part has none. */
export function toolName(value: unknown): DisplayText {
  return asDisplay(value) ?? sanitize('tool');
}

/** The status of a tool call of opencode 1 or 2. In 2, `streaming` means that the arguments are still arriving. */
export function toolStatus(value: unknown): ToolCall['status'] {
  switch (value) {
    case 'pending':
    case 'running':
    case 'completed':
    case 'error':
      return value;
    case 'streaming':
      return 'pending';
    default:
      return 'unknown';
  }
}

/** The text of a tool's error: a string in 1.x, an object with a message in 2; undefined if there is neither. */
export function errorText(value: unknown): DisplayText | undefined {
  return asDisplay(value) ?? asDisplay(at(asObject(value), 'message'));
}

/** Input fields that name a tool's subject, the most specific first: of bash, edit and read, webfetch, task, grep, … */
const subjectFields = [
  'command',
  'filePath',
  'file_path',
  'path',
  'url',
  'description',
  'query',
  'pattern',
  'name',
  'prompt',
] as const;

/**
 * A tool's subject in one line: the command, file, URL or description, else its first text; undefined if there is none.
 */
export function subjectOf(input: JsonObject | undefined): DisplayText | undefined {
  if (input === undefined) return undefined;
  const named = subjectFields.map((field) => asDisplay(at(input, field))).find((text) => text !== undefined);
  if (named !== undefined) return named;
  const files = asText(at(input, 'patchText'))?.match(/^\*\*\* \w+ File: (.+)$/m)?.[1];
  return (
    asDisplay(files) ??
    Object.values(input)
      .map(asDisplay)
      .find((text) => text !== undefined)
  );
}

/** The last printable line of the last text among a message's parts; undefined if there is none. */
export function lastTextLine(parts: readonly (JsonObject | undefined)[]): DisplayText | undefined {
  for (const part of parts.toReversed()) {
    if (at(part, 'type') !== 'text') continue;
    const line = lastLine(asText(at(part, 'text')) ?? '');
    if (line !== undefined) return line;
  }
  return undefined;
}

/** The last printable line within a text's last 20,000 characters; undefined if there is none. */
export function lastLine(text: string): DisplayText | undefined {
  for (const line of text.slice(-20_000).split('\n').reverse()) {
    const shown = asDisplay(line);
    if (shown !== undefined) return shown;
  }
  return undefined;
}
