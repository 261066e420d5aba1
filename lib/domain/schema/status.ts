import type { Static } from '@sinclair/typebox';
import { stateNames } from '../session/state.ts';
import { choice, constant, count, list, named, object, text, time } from './field-types.ts';

/** Goes up when a field changes its meaning or goes away; new fields do not count. */
export const statusSchemaVersion = 1;

/** The number of rows in each status. */
export const countsSchema = named(
  'counts',
  object(
    Object.fromEntries(stateNames.map((name) => [name, count()])) as Record<
      (typeof stateNames)[number],
      ReturnType<typeof count>
    >,
    { description: 'Rows by status.' },
  ),
);

const group = object({
  name: choice(['needs you', 'done', 'working', 'idle']),
  sessions: list(object({ key: text('As in `otop sessions`.'), text: text('One line about the session.') })),
});

/** The output of `otop status --format json` and of `GET /status?format=json`. */
export const statusSchema = object({
  schema_version: constant(statusSchemaVersion),
  timestamp: time('When it was read.'),
  text: text('The line of the plain format.'),
  needs_you_count: count('Sessions that need a person.'),
  needs_you: count('The same under its old name: elsewhere `needs_you` is a boolean.', { deprecated: true }),
  unread: count('How many sessions ended after a person last viewed them; elsewhere `unread` is a boolean.'),
  counts: countsSchema,
  groups: list(group),
});

export type StatusDocument = Static<typeof statusSchema>;
