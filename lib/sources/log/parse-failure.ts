import { sanitize } from '../../text/sanitize.ts';
import type { LogEvent } from './log-event.ts';

/** A step's ERROR line: an abort by the user only ends the turn, anything else failed it. */
export function failedOrAborted(sessionId: string, error: string | undefined): LogEvent {
  // `Aborted` from 1.14 on, the longer text up to 1.3 (measured on 1.2.27).
  if (error === 'Aborted' || error?.startsWith('The operation was aborted'))
    return { kind: 'ended', sessionId };
  return { kind: 'failed', sessionId, text: sanitize(error ?? 'unknown error', 300) };
}
