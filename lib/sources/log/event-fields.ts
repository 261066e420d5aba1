import { sanitize } from '../../text/sanitize.ts';
import type { LogEvent } from './log-event.ts';

const maxPatterns = 8;
const maxPatternCells = 200;

/**
 * The event of an `asking` line, from the values that both log formats have. Returns undefined if the id belongs to
 * neither a permission nor a question.
 */
export function askEvent(id: string, permission?: string, patterns?: string): LogEvent | undefined {
  if (id.startsWith('que_')) return { kind: 'ask', id, askKind: 'question', patterns: [] };
  if (!id.startsWith('per_')) return undefined;
  return {
    kind: 'ask',
    id,
    askKind: 'permission',
    ...(permission === undefined ? {} : { permission }),
    patterns: stringList(patterns)
      .slice(0, maxPatterns)
      .map((pattern) => sanitize(pattern, maxPatternCells)),
  };
}

/** The strings of a JSON list; an empty list if the text is cut off or is not a list. */
export function stringList(json: string | undefined): string[] {
  if (json === undefined) return [];
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  } catch {
    return [];
  }
}

/** The event of a step's ERROR line: an abort by the user only ends the turn, any other error makes it fail. */
export function failedOrAborted(sessionId: string, error: string | undefined): LogEvent {
  // opencode 1.14 and newer write `Aborted`, 1.3 and older the longer text (opencode.md, "Log up to 1.15").
  if (error === 'Aborted' || error?.startsWith('The operation was aborted'))
    return { kind: 'ended', sessionId };
  return { kind: 'failed', sessionId, text: sanitize(error ?? 'unknown error', 300) };
}
