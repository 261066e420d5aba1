import { omitUndefined } from '../../domain/omit-undefined.ts';
import type {
  ReportedActivity,
  ReportedAsk,
  ReportedQuestion,
} from '../../domain/session/reported-status.ts';
import { idTimeMs } from '../../domain/session/session-id.ts';
import { sanitize } from '../../text/sanitize.ts';
import { asArray, asDisplay, asNumber, asObject, asSessionId, asTime, at, type JsonObject } from '../json.ts';

/** An ask and the session that waits for the reply. */
export interface SessionAsk {
  readonly sessionId: string;
  readonly ask: ReportedAsk;
}

/** Decodes `{"type":"busy"}`, `idle` or `retry`; returns undefined for anything else (opencode.md, "Endpoints"). */
export function activityOf(status: unknown): ReportedActivity | undefined {
  const object = asObject(status);
  switch (at(object, 'type')) {
    case 'busy':
    case 'running':
      return { kind: 'busy' };
    case 'idle':
      return { kind: 'idle' };
    case 'retry':
      return omitUndefined({
        kind: 'retry',
        attempt: asNumber(at(object, 'attempt')) ?? 1,
        message: asDisplay(at(object, 'message')),
        nextMs: asTime(at(object, 'next')),
      });
    default:
      return undefined;
  }
}

/** Decodes the response of `GET /session/status`, which lists the sessions that are not idle. */
export function activitiesOf(body: unknown): ReadonlyMap<string, ReportedActivity> {
  return new Map(
    Object.entries(asObject(body) ?? {}).flatMap(([id, status]) => {
      const activity = activityOf(status);
      return activity === undefined || asSessionId(id) === undefined ? [] : [[id, activity] as const];
    }),
  );
}

/** Decodes a permission request of opencode 1 or 2; returns undefined if it has no id or no session id. */
export function permissionAsk(request: JsonObject | undefined, nearMs: number): SessionAsk | undefined {
  const id = asSessionId(at(request, 'id'));
  const sessionId = asSessionId(at(request, 'sessionID'));
  if (id === undefined || sessionId === undefined) return undefined;
  const patterns = texts(at(request, 'patterns') ?? at(request, 'resources'));
  const ask = omitUndefined({
    id,
    kind: 'permission',
    tool: asDisplay(at(request, 'permission')) ?? asDisplay(at(request, 'action')),
    patterns,
    always: texts(at(request, 'always') ?? at(request, 'save')),
    askedAtMs: idTimeMs(id, nearMs),
  });
  return { sessionId, ask };
}

/** Decodes a request of the `question` tool; returns undefined if it has no id or no session id. */
export function questionAsk(request: JsonObject | undefined, nearMs: number): SessionAsk | undefined {
  const id = asSessionId(at(request, 'id'));
  const sessionId = asSessionId(at(request, 'sessionID'));
  if (id === undefined || sessionId === undefined) return undefined;
  const questions = asArray(at(request, 'questions')).map((each) => questionOf(asObject(each)));
  const ask = omitUndefined({
    id,
    kind: 'question',
    patterns: questions.map(({ question }) => question),
    questions,
    askedAtMs: idTimeMs(id, nearMs),
  });
  return { sessionId, ask };
}

function questionOf(info: JsonObject | undefined): ReportedQuestion {
  return {
    question: asDisplay(at(info, 'question')) ?? sanitize('(a question without words)'),
    options: asArray(at(info, 'options')).flatMap((each) => {
      const label = asDisplay(at(asObject(each), 'label'));
      const description = asDisplay(at(asObject(each), 'description'));
      return label === undefined ? [] : [omitUndefined({ label, description })];
    }),
    multiple: at(info, 'multiple') === true,
    // opencode's TUI offers a free text answer unless `custom` is false.
    custom: at(info, 'custom') !== false,
  };
}

function texts(value: unknown) {
  return asArray(value).flatMap((each) => asDisplay(each) ?? []);
}
