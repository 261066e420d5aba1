import type { Static } from '@sinclair/typebox';
import {
  figure,
  line,
  list,
  named,
  object,
  optional,
  orNull,
  text,
  time,
  whole,
  yesNo,
} from './field-types.ts';
import { entrySchema, sessionSchema } from './sessions.ts';

// The response and request bodies of `otop serve`. `events.ts` describes its events.
// Encoding: `view/serve-json.ts`; the OpenAPI document: `serve/openapi.ts`.

/** Goes up when a field changes its meaning or goes away; new fields do not count. */
export const serveSchemaVersion = 1;

const todo = object({
  content: line(),
  status: line('pending, in_progress, completed, cancelled'),
  priority: orNull(line('high, medium, low')),
});

const { session: _nested, schema_version: _version, ...ofProcess } = entrySchema.properties;
const { id: _id, ...ofSession } = sessionSchema.properties;

/** A session of `GET /sessions`: an entry of `otop sessions` without nesting, plus the field names of the Go otop. */
const flatEntry = object({
  ...ofProcess,
  ...ofSession,
  session_id: text(),
  model: orNull(line('the model of the last turn, without its provider')),
  model_id: orNull(text('provider/model of the last turn')),
  total_input_tokens: orNull(figure('with the cached ones')),
  total_output_tokens: orNull(figure('without reasoning')),
  total_cache_read: orNull(figure('cached ones')),
  last_message_time: orNull(time('when its last message began')),
  todos: orNull(list(todo), 'in their order'),
  todo_count: { ...ofSession.todos, description: 'how many todos' },
});

const flatTotals = (description: string) =>
  object(
    {
      session_count: orNull(figure('sessions')),
      message_count: orNull(figure('messages')),
      total_input: orNull(figure('tokens, with the cached ones')),
      total_output: orNull(figure('tokens, without reasoning')),
      cost: orNull(figure('US dollars, as far as prices are known')),
    },
    { description },
  );

/** The body of the response to `GET /sessions`. */
export const serveDocumentSchema = object({
  schema_version: whole('goes up when a key changes its meaning or goes away'),
  timestamp: time('of the board, in milliseconds since the epoch'),
  sessions: list(flatEntry),
  processes: list(entrySchema, { description: 'processes without a session' }),
  counts: object({}, { description: 'rows in each state' }),
  needs_you_count: whole(),
  unread_count: whole(),
  today: flatTotals('sessions active today'),
  global: flatTotals('all sessions'),
  totals_progress: orNull(figure('0 to 1 while the sums over a large database are still being taken')),
  troubles: list(object({ source: text(), text: line() }), { description: 'sources that could not deliver' }),
  demo: yesNo('true for the simulated fleet'),
});

/** The body of `POST /sessions/ID/fork`. `patternErrorMessage` says why a field is refused. */
export const forkRequestSchema = object(
  {
    prompt: text('what the fork is to do', { minLength: 1 }),
    model: optional(
      text('provider/model; the session’s own if absent', {
        pattern: '^[^/]+/.+$',
        patternErrorMessage: 'must be provider/model',
      }),
    ),
    agent: optional(text('the agent; opencode’s default if absent', { minLength: 1 })),
    title: optional(text('the title of the new session', { minLength: 1 })),
  },
  { additionalProperties: false },
);

/** The body of the response to `POST /sessions/ID/fork` if the fork runs. */
export const forkResponseSchema = object({
  session_id: orNull(text()),
  parent_id: text(),
  pid: orNull(whole()),
});

/** The body of every refusal. */
export const refusalSchema = named('Error', object({ error: text('why, in words') }));

export type ServeDocument = Static<typeof serveDocumentSchema>;
/** One session of `GET /sessions`. */
export type FlatEntry = ServeDocument['sessions'][number];
export type FlatTotals = ServeDocument['today'];
export type ForkRequest = Static<typeof forkRequestSchema>;
export type ForkResponse = Static<typeof forkResponseSchema>;
export type Refusal = Static<typeof refusalSchema>;
