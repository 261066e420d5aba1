import schema from '../schema/sessions.schema.json' with { type: 'json' };
import type { JsonSchema } from './json-schema.ts';

const { $defs } = schema;
const orNull = (type: string, description: string): JsonSchema => ({ type: [type, 'null'], description });
const object = (properties: Readonly<Record<string, JsonSchema>>, description?: string): JsonSchema => ({
  type: 'object',
  ...(description !== undefined && { description }),
  properties,
  required: Object.keys(properties),
});

/** The parts of `otop sessions`' own schema, as an OpenAPI document refers to them. */
export const sharedSchemas: Readonly<Record<string, JsonSchema>> = JSON.parse(
  JSON.stringify($defs).replaceAll('"#/$defs/', '"#/components/schemas/'),
);

const { session: _nested, schema_version: _version, ...ofProcess } = propertiesOf('entry');
const { id: _id, ...ofSession } = propertiesOf('session');

const todo = object({
  content: { type: 'string' },
  status: { type: 'string', description: 'pending, in_progress, completed, cancelled' },
  priority: orNull('string', 'high, medium, low'),
});

/** A session of `GET /sessions`: an entry of `otop sessions` laid flat, with the Go otop's names beside. */
const flatEntry = object({
  ...ofProcess,
  ...ofSession,
  session_id: { type: 'string' },
  model: orNull('string', 'the model of the last turn, without its provider'),
  model_id: orNull('string', 'provider/model of the last turn'),
  total_input_tokens: orNull('number', 'with the cached ones'),
  total_output_tokens: orNull('number', 'without reasoning'),
  total_cache_read: orNull('number', 'cached ones'),
  last_message_time: orNull('number', 'when its last message began'),
  todos: { type: ['array', 'null'], description: 'in their order', items: todo },
  todo_count: { ...ofSession.todos, description: 'how many todos' },
});

const totals = (description: string): JsonSchema =>
  object(
    {
      session_count: orNull('number', 'sessions'),
      message_count: orNull('number', 'messages'),
      total_input: orNull('number', 'tokens, with the cached ones'),
      total_output: orNull('number', 'tokens, without reasoning'),
      cost: orNull('number', 'US dollars, as far as prices are known'),
    },
    description,
  );

/** What `GET /sessions` answers with. */
export const documentSchema: JsonSchema = object({
  schema_version: { type: 'integer', description: 'goes up when a key changes its meaning or goes away' },
  timestamp: { type: 'number', description: 'of the board, in milliseconds since the epoch' },
  sessions: { type: 'array', items: flatEntry },
  processes: {
    type: 'array',
    description: 'processes without a session',
    items: { $ref: '#/components/schemas/entry' },
  },
  counts: { type: 'object', description: 'rows in each state' },
  needs_you_count: { type: 'integer' },
  unread_count: { type: 'integer' },
  today: totals('sessions active today'),
  global: totals('all sessions'),
  totals_progress: orNull('number', '0 to 1 while the sums over a large database are still being taken'),
  troubles: {
    type: 'array',
    description: 'sources that could not deliver',
    items: object({ source: { type: 'string' }, text: { type: 'string' } }),
  },
  demo: { type: 'boolean', description: 'true for the simulated fleet' },
});

function propertiesOf(name: string): Readonly<Record<string, JsonSchema>> {
  return sharedSchemas[name]?.properties ?? {};
}
