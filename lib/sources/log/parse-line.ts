import type { LogLine } from './log-event.ts';
import { parseLogfmtLine } from './parse-logfmt.ts';
import { parseSpacedLine } from './parse-spaced.ts';

/** Understands one line of either log format; undefined for what is neither. */
export function parseLogLine(text: string): LogLine | undefined {
  return text.startsWith('timestamp=') ? parseLogfmtLine(text) : parseSpacedLine(text);
}
