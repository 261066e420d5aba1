import { omitUndefined } from '../../domain/omit-undefined.ts';
import type {
  ReportedActivity,
  ReportedAsk,
  ReportedQuestion,
} from '../../domain/session/reported-status.ts';
import { idTimeMs } from '../../domain/session/session-id.ts';
import { sanitize } from '../../text/sanitize.ts';
import {
  asArray,
  asDisplay,
  asNumber,
  asObject,
  asObjects,
  asSessionId,
  asText,
  asTime,
  at,
  type JsonObject,
} from '../json.ts';

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

/** Field types of a form that otop can ask for (opencode-2.md, "Forms"). */
const fieldTypes = ['string', 'multiselect', 'number', 'integer', 'boolean'] as const;

/**
 * Decodes a form of opencode 2; returns undefined if it has no id or belongs to no session (an elicitation of an MCP server).
 * A form with a field that otop cannot ask for has no questions, so that it cannot be answered here.
 */
export function formAsk(form: JsonObject | undefined, nearMs: number): SessionAsk | undefined {
  const id = asSessionId(at(form, 'id'));
  const sessionId = asSessionId(at(form, 'sessionID'));
  if (id === undefined || sessionId === undefined || sessionId === 'global') return undefined;
  const fields = asObjects(at(form, 'fields')).filter((field) => at(field, 'hidden') !== true);
  const questions = fields.map(fieldOf);
  const known = questions.filter((each) => each !== undefined);
  const title = asDisplay(at(form, 'title'));
  const texts = known.map(({ question }) => question);
  const ask = omitUndefined({
    id,
    kind: 'question',
    patterns: texts.length > 0 ? texts : title === undefined ? [] : [title],
    questions: known.length === fields.length ? known : undefined,
    askedAtMs: idTimeMs(id, nearMs),
  });
  return { sessionId, ask };
}

/**
 * One field of a form as a question; undefined if its type is unknown, if it has no key, or if the answer to another field
 * decides whether it is asked at all.
 */
function fieldOf(field: JsonObject): ReportedQuestion | undefined {
  const key = asText(at(field, 'key'));
  const type = fieldTypes.find((each) => each === at(field, 'type'));
  if (key === undefined || type === undefined || asArray(at(field, 'when')).length > 0) return undefined;
  const options = asObjects(at(field, 'options')).flatMap((option) => {
    const value = asText(at(option, 'value'));
    const label = asDisplay(at(option, 'label')) ?? asDisplay(value);
    const description = asDisplay(at(option, 'description'));
    return value === undefined || label === undefined ? [] : [omitUndefined({ label, description, value })];
  });
  const title = asDisplay(at(field, 'title'));
  const description = asDisplay(at(field, 'description'));
  const isChoice = options.length > 0 || type === 'multiselect';
  return {
    question: title ?? description ?? sanitize(key),
    options: type === 'boolean' ? yesAndNo : options,
    multiple: type === 'multiselect',
    custom: isChoice ? at(field, 'custom') === true : type !== 'boolean',
    field: omitUndefined({
      key,
      type,
      isRequired: at(field, 'required') === true,
      minimum: asNumber(at(field, 'minimum')),
      maximum: asNumber(at(field, 'maximum')),
    }),
  };
}

const yesAndNo = [
  { label: sanitize('Yes'), value: true },
  { label: sanitize('No'), value: false },
];

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
