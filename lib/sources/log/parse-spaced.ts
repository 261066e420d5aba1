import { sanitize } from '../../text/sanitize.ts';
import { askEvent, failedOrAborted, stringList } from './event-fields.ts';
import type { LogEvent, LogLine } from './log-event.ts';

const head = /^(DEBUG|INFO|WARN|ERROR) {1,2}(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d) \+\d+ms service=(\S+) ?/;
const session = /(?:^| )session(?:ID|\.id)=(ses_\w+)/;

/**
 * Understands one line of a process's own log, opencode 1.15 and older: `LEVEL  date +ms key=value… message`.
 * Values are not quoted and may hold spaces, so every rule names the keys that stand before them and the words the
 * line ends in. Times are whole seconds, UTC (opencode.md, "Log up to 1.15"). Undefined for a line that continues another
 * one.
 */
export function parseSpacedLine(text: string): LogLine | undefined {
  const match = head.exec(text);
  const [all, level, date, service] = match ?? [];
  if (all === undefined || date === undefined || service === undefined) return undefined;
  const atMs = Date.parse(`${date}Z`);
  if (Number.isNaN(atMs)) return undefined;
  const event = rules[service]?.(text.slice(all.length), level === 'ERROR');
  return event === undefined ? { atMs } : { atMs, event };
}

type Rule = (rest: string, isError: boolean) => LogEvent | undefined;

const rules: Readonly<Record<string, Rule>> = {
  default: startup,
  session: created,
  'session.prompt': loop,
  'session.processor': step,
  llm: stream,
  permission: (rest) => {
    const [, id, permission, patterns] =
      /^id=(per_\w+) permission=(\S+) patterns=(\[.*\]) asking$/.exec(rest) ?? [];
    return id === undefined ? undefined : askEvent(id, permission, patterns);
  },
  question: (rest) => {
    const [, id] = /^id=(que_\w+) .*asking$/.exec(rest) ?? [];
    if (id !== undefined) return askEvent(id);
    const [, answered] = /^requestID=(que_\w+) .*(?:replied|rejected)$/.exec(rest) ?? [];
    return answered === undefined ? undefined : { kind: 'replied', id: answered };
  },
  bus: (rest) => (rest === 'type=permission.replied publishing' ? { kind: 'replied' } : undefined),
  server: request,
};

function startup(rest: string): LogEvent | undefined {
  const args = /^version=\S+ args=(\[.*\]) (?:process_role=.* )?opencode$/.exec(rest)?.[1];
  if (args !== undefined) return { kind: 'args', args: stringList(args) };
  const directory = /^directory=(.*) creating instance$/.exec(rest)?.[1];
  return directory === undefined ? undefined : { kind: 'instance', directory };
}

function created(rest: string): LogEvent | undefined {
  const sessionId = /^id=(ses_\w+) .* created$/.exec(rest)?.[1];
  if (sessionId === undefined) return undefined;
  // The title is free text and stands last of the keys that matter.
  const parentId = / parentID=(ses_\w+)(?: |$)/.exec(rest.split(' title=', 1)[0] ?? '')?.[1];
  return parentId === undefined ? { kind: 'created', sessionId } : { kind: 'created', sessionId, parentId };
}

function loop(rest: string): LogEvent | undefined {
  const sessionId = session.exec(rest)?.[1];
  if (sessionId === undefined) return undefined;
  if (rest.endsWith(' exiting loop') || rest.endsWith(' cancel')) return { kind: 'ended', sessionId };
  if (!rest.endsWith(' loop')) return undefined;
  return { kind: 'loop', sessionId, step: Number(/(?:^| )step=(\d+)/.exec(rest)?.[1] ?? 0) };
}

function step(rest: string, isError: boolean): LogEvent | undefined {
  const sessionId = session.exec(rest)?.[1];
  if (isError) {
    const error = /(?:^| )error=(.*?)(?: stack=.*| process)?$/.exec(rest)?.[1];
    return sessionId === undefined ? undefined : failedOrAborted(sessionId, error);
  }
  if (!/(?:^| )process$/.test(rest)) return undefined;
  return sessionId === undefined ? { kind: 'step' } : { kind: 'step', sessionId };
}

function stream(rest: string, isError: boolean): LogEvent | undefined {
  const [, sessionId, small, agent, tail] =
    / session(?:ID|\.id)=(ses_\w+) small=(true|false) agent=(\S+) mode=\S+ (.*)$/.exec(rest) ?? [];
  if (sessionId === undefined || tail === undefined || small === 'true') return undefined;
  if (isError) return { kind: 'failed', sessionId, text: sanitize(streamErrorText(tail), 300) };
  if (tail !== 'stream') return undefined;
  return agent === undefined ? { kind: 'stream', sessionId } : { kind: 'stream', sessionId, agent };
}

/** The provider's own message lies deep in a JSON that holds the whole request, prompts and all. */
function streamErrorText(tail: string): string {
  const messages = [...tail.matchAll(/"message":"((?:[^"\\]|\\.)*)"/g)];
  return messages.at(-1)?.[1] ?? /"name":"(\w+)"/.exec(tail)?.[1] ?? 'stream error';
}

function request(rest: string): LogEvent | undefined {
  const [, method, path] = /^method=(GET|POST) path=(\S+) .*request$/.exec(rest) ?? [];
  if (path === undefined) return undefined;
  if (method === 'GET') {
    const sessionId = /^\/session\/(ses_\w+)\/todo$/.exec(path)?.[1];
    return sessionId === undefined ? undefined : { kind: 'opened', sessionId };
  }
  const id = /\/(per_\w+)(?:\/reply)?$/.exec(path)?.[1];
  return id === undefined ? undefined : { kind: 'replied', id };
}
