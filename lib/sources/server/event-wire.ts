import type { ReportedActivity, ReportedAsk } from '../../domain/session/reported-status.ts';
import { asArray, asObject, asSessionId, asText, at, type JsonObject } from '../json.ts';
import { activityOf, permissionAsk, questionAsk, type SessionAsk } from './live-wire.ts';

/** The part of a server's event that otop needs. */
export type ServerEvent =
  | { readonly kind: 'status'; readonly sessionId: string; readonly activity: ReportedActivity }
  | { readonly kind: 'asked'; readonly sessionId: string; readonly ask: ReportedAsk }
  | { readonly kind: 'answered'; readonly sessionId: string; readonly askId: string }
  | { readonly kind: 'session'; readonly sessionId: string; readonly info: JsonObject }
  | { readonly kind: 'session-gone'; readonly sessionId: string }
  | { readonly kind: 'message'; readonly sessionId: string; readonly info: JsonObject }
  /** opencode 2: the session's messages changed, and are to be read again. */
  | { readonly kind: 'messages-changed'; readonly sessionId: string }
  | { readonly kind: 'message-gone'; readonly sessionId: string; readonly messageId: string }
  | { readonly kind: 'part'; readonly sessionId: string; readonly part: JsonObject; readonly atMs?: number }
  | {
      readonly kind: 'part-gone';
      readonly sessionId: string;
      readonly messageId: string;
      readonly partId: string;
    }
  | { readonly kind: 'todos'; readonly sessionId: string; readonly todos: readonly unknown[] };

/** The event types of opencode 1.x about a session's state (opencode.md, "Server events"). */
export const stateEvents: ReadonlySet<string> = new Set([
  'server.connected',
  'server.heartbeat',
  'session.status',
  'session.idle',
  'session.created',
  'session.updated',
  'session.deleted',
  'permission.asked',
  'permission.replied',
  'question.asked',
  'question.replied',
  'question.rejected',
]);

/** Also the event types about a session's content, for sessions that are in no database of this machine. */
export const allEvents: ReadonlySet<string> = new Set([
  ...stateEvents,
  'message.updated',
  'message.removed',
  'message.part.updated',
  'message.part.removed',
  'todo.updated',
]);

/** Returns the decoded event and its directory, or undefined if otop does not need the event. Never throws. */
export function eventOf(
  envelope: unknown,
  nowMs: number,
): { readonly event: ServerEvent; readonly directory?: string } | undefined {
  const outer = asObject(envelope);
  const payload = asObject(at(outer, 'payload')) ?? outer;
  const event = meaningOf(at(payload, 'type'), asObject(at(payload, 'properties')), nowMs);
  const directory = asText(at(outer, 'directory'));
  return event && { event, ...(directory !== undefined && { directory }) };
}

function meaningOf(
  type: unknown,
  properties: JsonObject | undefined,
  nowMs: number,
): ServerEvent | undefined {
  const info = asObject(at(properties, 'info'));
  const sessionId = asSessionId(at(properties, 'sessionID') ?? at(info, 'sessionID') ?? at(info, 'id'));
  const part = asObject(at(properties, 'part'));
  switch (type) {
    case 'permission.asked':
      return asked(permissionAsk(properties, nowMs));
    case 'question.asked':
      return asked(questionAsk(properties, nowMs));
    case 'message.part.updated':
      return part && partOf(part, properties);
    default:
      return sessionId === undefined ? undefined : ofSession(type, sessionId, properties, info);
  }
}

function ofSession(
  type: unknown,
  sessionId: string,
  properties: JsonObject | undefined,
  info: JsonObject | undefined,
): ServerEvent | undefined {
  const messageId = asText(at(properties, 'messageID'));
  const partId = asText(at(properties, 'partID'));
  switch (type) {
    case 'session.status': {
      const activity = activityOf(at(properties, 'status'));
      return activity && { kind: 'status', sessionId, activity };
    }
    case 'session.idle':
      return { kind: 'status', sessionId, activity: { kind: 'idle' } };
    case 'permission.replied':
    case 'question.replied':
    case 'question.rejected': {
      const askId = asText(at(properties, 'requestID')) ?? asText(at(properties, 'permissionID'));
      return askId === undefined ? undefined : { kind: 'answered', sessionId, askId };
    }
    case 'session.created':
    case 'session.updated':
      return info && { kind: 'session', sessionId, info };
    case 'session.deleted':
      return { kind: 'session-gone', sessionId };
    case 'message.updated':
      return info && { kind: 'message', sessionId, info };
    case 'message.removed':
      return messageId === undefined ? undefined : { kind: 'message-gone', sessionId, messageId };
    case 'message.part.removed':
      return messageId === undefined || partId === undefined
        ? undefined
        : { kind: 'part-gone', sessionId, messageId, partId };
    case 'todo.updated':
      return { kind: 'todos', sessionId, todos: asArray(at(properties, 'todos')) };
    default:
      return undefined;
  }
}

function asked(found: SessionAsk | undefined): ServerEvent | undefined {
  return found && { kind: 'asked', ...found };
}

function partOf(part: JsonObject, properties: JsonObject | undefined): ServerEvent | undefined {
  const sessionId = asSessionId(at(part, 'sessionID'));
  const atMs = at(properties, 'time');
  return sessionId === undefined
    ? undefined
    : { kind: 'part', sessionId, part, ...(typeof atMs === 'number' && { atMs }) };
}
