import { omitUndefined } from '../../domain/omit-undefined.ts';
import { asDisplay, asNumber, asObject, asSessionId, asText, asTime, at, type JsonObject } from '../json.ts';
import type { ServerEvent } from './event-wire.ts';
import { formAsk, permissionAsk } from './live-wire.ts';
import type { BuildTwo, DecodedEvent } from './opencode-api.ts';

/** Types of the release that otop decodes (opencode-2.md, "Event payloads"). */
const decoded: ReadonlySet<string> = new Set([
  'session.execution.started',
  'session.execution.succeeded',
  'session.execution.failed',
  'session.execution.interrupted',
  'session.retry.scheduled',
  'session.step.started',
  'session.deleted',
  'permission.asked',
  'permission.replied',
  'form.created',
  'form.replied',
  'form.cancelled',
]);

/** Asks end with these without an event for each, or sessions change their directory. */
const polled: ReadonlySet<string> = new Set(['location.shutdown', 'session.moved']);

/** The messages of a session changed. Of these, only those at the begin or the end of a part or a step are read. */
const ofMessages =
  /^session\.(next\.)?(step|tool|text|reasoning|shell|compaction|inbox)\.(started|ended|failed|called|success|delivered)/;
/** The record of a session changed, as its list shows it. */
const ofList = /^session\.(created|renamed|execution\.(succeeded|failed|interrupted))$/;

/** Names of the builds before the release, whose state is polled at each of them. */
const ofBuilds = /^(session\.next\.|permission\.v2\.|question\.v2\.)/;
/** Sent for each token or each line of output: they change no state. */
const isDelta = /\.(delta|progress)$/;

/**
 * True for events that otop reads; `withContent` adds those about messages. Deltas are not even parsed (opencode-2.md, "Event
 * stream").
 */
export function wantedOfTwo(type: string, withContent: boolean): boolean {
  if (isDelta.test(type)) return false;
  if (withContent && (ofMessages.test(type) || ofList.test(type))) return true;
  return type === 'server.connected' || decoded.has(type) || polled.has(type) || ofBuilds.test(type);
}

/**
 * Decodes an event of opencode 2. A build before the release sends no event at the end of a turn, so each of its events
 * makes a poll due. Returns undefined if otop does not need the event; never throws.
 */
export function eventOfTwo(
  envelope: unknown,
  { build, withContent }: { readonly build: BuildTwo; readonly withContent: boolean },
  nowMs: number,
): DecodedEvent | undefined {
  const event = asObject(envelope);
  const type = asText(at(event, 'type')) ?? '';
  const data = asObject(at(event, 'data'));
  const sessionId = asSessionId(at(data, 'sessionID'));
  const isOfMessages = ofMessages.test(type) && sessionId !== undefined;
  const changed: ServerEvent | undefined = isOfMessages ? { kind: 'messages-changed', sessionId } : undefined;
  if (build === 'before release')
    return isDelta.test(type) || type === 'server.connected'
      ? undefined
      : omitUndefined({ event: changed, isPollDue: true });
  if (polled.has(type)) return { isPollDue: true };
  const directory = asText(at(event, 'location', 'directory'));
  const found = decoded.has(type) ? meaningOf(type, data, nowMs) : changed;
  const isPollDue = withContent && ofList.test(type) ? (true as const) : undefined;
  return omitUndefined({ event: found, directory, isPollDue });
}

function meaningOf(type: string, properties: JsonObject | undefined, nowMs: number): ServerEvent | undefined {
  if (type === 'permission.asked') return asked(permissionAsk(properties, nowMs));
  if (type === 'form.created') return asked(formAsk(asObject(at(properties, 'form')), nowMs));
  const sessionId = asSessionId(at(properties, 'sessionID'));
  if (sessionId === undefined) return undefined;
  switch (type) {
    case 'session.execution.started':
    case 'session.step.started':
      return { kind: 'status', sessionId, activity: { kind: 'busy' } };
    case 'session.retry.scheduled':
      return { kind: 'status', sessionId, activity: retryOf(properties) };
    case 'session.deleted':
      return { kind: 'session-gone', sessionId };
    case 'permission.replied':
      return answered(sessionId, at(properties, 'requestID'));
    case 'form.replied':
    case 'form.cancelled':
      return answered(sessionId, at(properties, 'id'));
    default:
      return { kind: 'status', sessionId, activity: { kind: 'idle' } };
  }
}

function asked(found: ReturnType<typeof permissionAsk>): ServerEvent | undefined {
  return found && { kind: 'asked', ...found };
}

function answered(sessionId: string, id: unknown): ServerEvent | undefined {
  const askId = asText(id);
  return askId === undefined ? undefined : { kind: 'answered', sessionId, askId };
}

function retryOf(properties: JsonObject | undefined) {
  return omitUndefined({
    kind: 'retry',
    attempt: asNumber(at(properties, 'attempt')) ?? 1,
    message: asDisplay(at(properties, 'error', 'message')),
    nextMs: asTime(at(properties, 'at')),
  });
}
