import type { Static, TObject } from '@sinclair/typebox';
import {
  amount,
  choice,
  constant,
  count,
  either,
  figure,
  line,
  list,
  minutes,
  named,
  object,
  orNull,
  text,
  time,
  yesNo,
} from './field-types.ts';
import { entrySchema, sessionsSchemaVersion, tokensPerMinute, tokensSchema } from './sessions.ts';
import { countsSchema } from './status.ts';

// The lines of `otop sessions --watch`, which are also the events of `otop serve`.
// Encoding: `view/board-feed.ts`; decoding: `sources/host/host-board.ts`.

const totals = named(
  'totals',
  object({
    session_count: count('Sessions.'),
    message_count: count('Messages.'),
    tokens: tokensSchema,
    cost: orNull(amount('US dollars, of the sessions with a known price.')),
  }),
);

const trouble = named(
  'trouble',
  object(
    {
      source: text('Its name.'),
      text: line('What is wrong and what to do.'),
      stale_since_ms: orNull(time('The time of its last good reading, which is still shown.')),
    },
    { description: 'A source that otop could not read.' },
  ),
);

const hostStatus = named(
  'hostStatus',
  object(
    {
      name: line('Its name.'),
      kind: choice(['server', 'otop', 'ssh'], 'How otop reaches it.'),
      link: choice(['connecting', 'live', 'away'], 'Whether otop reaches it.'),
      heard_at_ms: orNull(time('When it last said anything.')),
      why: orNull(line('Why it is away.')),
    },
    { description: 'Another machine or server with sessions on the Board.' },
  ),
);

const atMs = time('By the clock of the machine that sends it.');

/** The facts about a Board as a whole. */
const summaryFields = {
  counts: countsSchema,
  needs_you_count: count('Sessions that need a person.'),
  unread_count: count('Sessions that ended after a person last viewed them.'),
  today: orNull(totals, 'Since midnight.'),
  all_time: orNull(totals, 'All sessions in the database.'),
  totals_progress: orNull(
    figure('0 to 1 while sums over a large database are still being taken.', { minimum: 0, maximum: 1 }),
  ),
  troubles: list(trouble, { description: 'What otop could not read.' }),
  hosts: list(hostStatus, { description: 'The other machines and servers.' }),
};

/** The first line. */
export const boardLine = named(
  'boardLine',
  object(
    {
      type: constant('board'),
      schema_version: constant(sessionsSchemaVersion),
      otop_version: text('The version of otop.'),
      host: text('The name of this machine.'),
      machine_id: text('Tells this user on this machine, since its boot, from others of the same name.'),
      demo: yesNo('True for the simulated fleet.'),
      at_ms: atMs,
      ...summaryFields,
      tokens_per_minute: minutes('Of all sessions, oldest first.'),
      rows: list(entrySchema, { description: 'All rows.' }),
    },
    { description: 'The first line: everything.' },
  ),
);

const changedLine = named(
  'changedLine',
  object(
    { type: constant('changed'), at_ms: atMs, row: entrySchema },
    { description: 'A row that is new or changed; it takes the place of the one with its key.' },
  ),
);

const removedLine = named(
  'removedLine',
  object(
    { type: constant('removed'), at_ms: atMs, key: text('The key of the row.') },
    { description: 'A row that is gone.' },
  ),
);

const summaryLine = named(
  'summaryLine',
  object(
    { type: constant('summary'), at_ms: atMs, ...summaryFields },
    { description: 'Counts, sums, troubles or hosts that changed.' },
  ),
);

/** The figures of a row that change all the time. */
export const aliveRow = object({
  key: text('The key of the row.'),
  cpu_percent: orNull(amount('Of its process, of one core.')),
  mem_mb: orNull(amount('Of its process, in MiB.')),
  uptime_ms: orNull(amount('Of its process.')),
  tokens_per_minute: tokensPerMinute,
});

const aliveLine = named(
  'aliveLine',
  object(
    {
      type: constant('alive'),
      at_ms: atMs,
      tokens_per_minute: minutes('Of all sessions, oldest first.'),
      rows: list(aliveRow, { description: 'Every row.' }),
    },
    { description: 'Every ten seconds: a sign of life, with the figures that change all the time.' },
  ),
);

/** One line of `otop sessions --watch`. */
export const lineSchema = named(
  'line',
  either([boardLine, changedLine, removedLine, summaryLine, aliveLine], {
    description: 'One line of `otop sessions --watch`.',
  }),
);

/** A line of `otop sessions --watch`. */
export type FeedLine = Static<typeof lineSchema>;
export type BoardLine = Static<typeof boardLine>;
export type SummaryLine = Static<typeof summaryLine>;
export type AliveLine = Static<typeof aliveLine>;
export type SummaryFields = Static<TObject<typeof summaryFields>>;
