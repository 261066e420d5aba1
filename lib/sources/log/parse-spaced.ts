import { sanitize } from '../../text/sanitize.ts';
import { askEvent, failedOrAborted, stringList } from './event-fields.ts';
import type { LogEvent, LogLine } from './log-event.ts';

const lineHead = /^(DEBUG|INFO|WARN|ERROR) {1,2}(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d) \+\d+ms service=(\S+) ?/;
const sessionField = /(?:^| )session(?:ID|\.id)=(ses_\w+)/;

/**
 * Parses one line of a log that belongs to one process, opencode 1.15 and older: `LEVEL  date +ms key=value… message`.
 * Values are not quoted and may contain spaces, so each rule matches the keys before and the words at the end of a line.
 * Times are whole seconds, UTC (opencode.md, "Log up to 1.15"). Returns undefined for a continuation line.
 */
export function parseSpacedLine(text: string): LogLine | undefined {
  const match = lineHead.exec(text);
  const [all, level, date, service] = match ?? [];
  if (all === undefined || date === undefined || service === undefined) return undefined;
  const atMs = Date.parse(`${date}Z`);
  if (Number.isNaN(atMs)) return undefined;
  const event = rules[service]?.(text.slice(all.length), level === 'ERROR');
  return event === undefined ? { atMs } : { atMs, event };
}

/** Turns the rest of a line, after `service=`, into its event; undefined if otop does not use the line. */
type Rule = (rest: string, isError: boolean) => LogEvent | undefined;

const rules: Readonly<Record<string, Rule>> = {
  default: startupEvent,
  session: createdEvent,
  'session.prompt': loopEvent,
  'session.processor': stepEvent,
  llm: streamEvent,
  permission: (rest) => {
    const [, id, permission, patterns] =
      /^id=(per_\w+) permission=(\S+) patterns=(\[.*\]) asking$/.exec(rest) ?? [];
    return id === undefined ? undefined : askEvent(id, permission, patterns);
  },
  question: (rest) => {
    const [, id] = /^id=(que_\w+) .*asking$/.exec(rest) ?? [];
    if (id !== undefined) return askEvent(id);
    const [, repliedId] = /^requestID=(que_\w+) .*(?:replied|rejected)$/.exec(rest) ?? [];
    return repliedId === undefined ? undefined : { kind: 'replied', id: repliedId };
  },
  bus: (rest) => (rest === 'type=permission.replied publishing' ? { kind: 'replied' } : undefined),
  server: requestEvent,
};

function startupEvent(rest: string): LogEvent | undefined {
  const args = /^version=\S+ args=(\[.*\]) (?:process_role=.* )?opencode$/.exec(rest)?.[1];
  if (args !== undefined) return { kind: 'args', args: stringList(args) };
  const directory = /^directory=(.*) creating instance$/.exec(rest)?.[1];
  return directory === undefined ? undefined : { kind: 'instance', directory };
}

function createdEvent(rest: string): LogEvent | undefined {
  const sessionId = /^id=(ses_\w+) .* created$/.exec(rest)?.[1];
  if (sessionId === undefined) return undefined;
  // The title is free text and comes after all keys that matter.
  const parentId = / parentID=(ses_\w+)(?: |$)/.exec(rest.split(' title=', 1)[0] ?? '')?.[1];
  return parentId === undefined ? { kind: 'created', sessionId } : { kind: 'created', sessionId, parentId };
}

function loopEvent(rest: string): LogEvent | undefined {
  const sessionId = sessionField.exec(rest)?.[1];
  if (sessionId === undefined) return undefined;
  if (rest.endsWith(' exiting loop') || rest.endsWith(' cancel')) return { kind: 'ended', sessionId };
  if (!rest.endsWith(' loop')) return undefined;
  return { kind: 'loop', sessionId, step: Number(/(?:^| )step=(\d+)/.exec(rest)?.[1] ?? 0) };
}

function stepEvent(rest: string, isError: boolean): LogEvent | undefined {
  const sessionId = sessionField.exec(rest)?.[1];
  if (isError) {
    const error = /(?:^| )error=(.*?)(?: stack=.*| process)?$/.exec(rest)?.[1];
    return sessionId === undefined ? undefined : failedOrAborted(sessionId, error);
  }
  if (!/(?:^| )process$/.test(rest)) return undefined;
  return sessionId === undefined ? { kind: 'step' } : { kind: 'step', sessionId };
}

function streamEvent(rest: string, isError: boolean): LogEvent | undefined {
  const [, sessionId, small, agent, tail] =
    / session(?:ID|\.id)=(ses_\w+) small=(true|false) agent=(\S+) mode=\S+ (.*)$/.exec(rest) ?? [];
  if (sessionId === undefined || tail === undefined || small === 'true') return undefined;
  if (isError) return { kind: 'failed', sessionId, text: sanitize(streamErrorText(tail), 300) };
  if (tail !== 'stream') return undefined;
  return agent === undefined ? { kind: 'stream', sessionId } : { kind: 'stream', sessionId, agent };
}

/** Takes only the message of the provider, since the JSON around it contains the whole request with its prompts. */
function streamErrorText(tail: string): string {
  const messages = [...tail.matchAll(/"message":"((?:[^"\\]|\\.)*)"/g)];
  return messages.at(-1)?.[1] ?? /"name":"(\w+)"/.exec(tail)?.[1] ?? 'stream error';
}

function requestEvent(rest: string): LogEvent | undefined {
  const [, method, path] = /^method=(GET|POST) path=(\S+) .*request$/.exec(rest) ?? [];
  if (path === undefined) return undefined;
  if (method === 'GET') {
    const sessionId = /^\/session\/(ses_\w+)\/todo$/.exec(path)?.[1];
    return sessionId === undefined ? undefined : { kind: 'opened', sessionId };
  }
  const id = /\/(per_\w+)(?:\/reply)?$/.exec(path)?.[1];
  return id === undefined ? undefined : { kind: 'replied', id };
}
