import { sanitize } from '../../text/sanitize.ts';
import type { LogEvent } from './log-event.ts';

const maxPatterns = 8;
const maxPatternCells = 200;

/**
 * The event of an `asking` line from its values as both log formats give them; undefined where the id is neither
 * a permission's nor a question's.
 */
export function askEvent(id: string, permission?: string, patterns?: string): LogEvent | undefined {
  if (id.startsWith('que_')) return { kind: 'ask', id, asks: 'question', patterns: [] };
  if (!id.startsWith('per_')) return undefined;
  return {
    kind: 'ask',
    id,
    asks: 'permission',
    ...(permission === undefined ? {} : { permission }),
    patterns: stringList(patterns)
      .slice(0, maxPatterns)
      .map((pattern) => sanitize(pattern, maxPatternCells)),
  };
}

/** The strings of a JSON list; none where it is cut off or is something else. */
export function stringList(json: string | undefined): string[] {
  if (json === undefined) return [];
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  } catch {
    return [];
  }
}

/** A step's ERROR line: an abort by the user only ends the turn, anything else failed it. */
export function failedOrAborted(sessionId: string, error: string | undefined): LogEvent {
  // `Aborted` from 1.14 on, the longer text up to 1.3 (opencode.md, "Log up to 1.15").
  if (error === 'Aborted' || error?.startsWith('The operation was aborted'))
    return { kind: 'ended', sessionId };
  return { kind: 'failed', sessionId, text: sanitize(error ?? 'unknown error', 300) };
}
