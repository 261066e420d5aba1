import { isSessionId } from '../../domain/session/session-id.ts';
import { sanitize } from '../../text/sanitize.ts';
import { askEvent, failedOrAborted } from './event-fields.ts';
import type { LogEvent, LogLine } from './log-event.ts';

const lineHead = /^timestamp=(\S+) level=([A-Z]+) run=([0-9a-f]+) message=("(?:[^"\\]|\\.)*"|\S+)/;
const fieldPattern = / ([A-Za-z][\w.]*)=("(?:[^"\\]|\\.)*"|\S*)/g;
const usedMessages = new Set([
  'creating instance',
  'created',
  'loop',
  'asking',
  'replied',
  'rejected',
  'process',
  'stream',
  'stream error',
  'exiting loop',
  'cancel',
]);

/**
 * Parses one line of the shared log of opencode 1.17 and newer: logfmt, one `run=` for each process (opencode.md,
 * "Log from 1.17"). Returns undefined if the line begins differently, like the rest of a line that was cut.
 */
export function parseLogfmtLine(text: string): LogLine | undefined {
  const match = lineHead.exec(text);
  const [all, timestamp, level, run, message] = match ?? [];
  if (all === undefined || timestamp === undefined || run === undefined || message === undefined)
    return undefined;
  const atMs = Date.parse(timestamp);
  if (Number.isNaN(atMs)) return undefined;
  const name = unquote(message);
  if (!usedMessages.has(name)) return { atMs, run };
  const event = eventOf(name, level === 'ERROR', fieldsOf(text.slice(all.length)));
  return event === undefined ? { atMs, run } : { atMs, run, event };
}

/** The first value of each key. A second one can only come from inside a value that is not quoted. */
function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [, key, value] of text.matchAll(fieldPattern)) {
    if (key !== undefined && value !== undefined && !fields.has(key)) fields.set(key, unquote(value));
  }
  return fields;
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1);
  }
}

function eventOf(name: string, isError: boolean, fields: ReadonlyMap<string, string>): LogEvent | undefined {
  if (name === 'creating instance') {
    const directory = fields.get('directory');
    return directory === undefined ? undefined : { kind: 'instance', directory };
  }
  if (name === 'asking')
    return askEvent(fields.get('id') ?? '', fields.get('permission'), fields.get('patterns'));
  if (name === 'replied' || name === 'rejected') {
    const id = fields.get('requestID');
    return id === undefined ? undefined : { kind: 'replied', id };
  }
  const sessionId = fields.get(name === 'created' ? 'id' : 'session.id');
  if (sessionId === undefined || !isSessionId(sessionId)) return undefined;
  return sessionEvent(name, isError, sessionId, fields);
}

function sessionEvent(
  name: string,
  isError: boolean,
  sessionId: string,
  fields: ReadonlyMap<string, string>,
): LogEvent | undefined {
  switch (name) {
    case 'created': {
      const parentId = fields.get('parentID');
      return parentId?.startsWith('ses_') && isSessionId(parentId)
        ? { kind: 'created', sessionId, parentId }
        : { kind: 'created', sessionId };
    }
    case 'loop':
      return { kind: 'loop', sessionId, step: Number(fields.get('step') ?? 0) || 0 };
    case 'process':
      return isError ? failedOrAborted(sessionId, fields.get('error')) : { kind: 'step', sessionId };
    case 'stream error':
      return { kind: 'failed', sessionId, text: sanitize(fields.get('error.error') ?? 'stream error', 300) };
    case 'stream': {
      // The request for a title has the same session id and is not part of the turn.
      if (fields.get('small') === 'true') return undefined;
      const agent = fields.get('agent');
      return agent === undefined ? { kind: 'stream', sessionId } : { kind: 'stream', sessionId, agent };
    }
    default:
      return { kind: 'ended', sessionId };
  }
}
