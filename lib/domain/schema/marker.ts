import type { Static } from '@sinclair/typebox';
import {
  choice,
  constant,
  count,
  either,
  list,
  object,
  optional,
  rawLine,
  sessionId,
  text,
  time,
} from './field-types.ts';

// A marker is the file that otop's plugin writes about its opencode process. Its texts come from opencode and from models,
// unsanitised. Encoding: `plugin/otop.js`; decoding: `sources/marker/parse-marker.ts`.

/** The plugin writes at most 200 sessions with 8 asks of 3 patterns; a file with more was written by something else. */
const maxRead = { sessions: 200, asks: 50, patterns: 10 };

/** The version of the format that the plugin of this otop writes, and the only one that this otop reads. */
export const markerVersion = 1;

const ask = object({
  id: sessionId(),
  kind: choice(['permission', 'question']),
  tool: optional(rawLine()),
  patterns: list(rawLine(), { maxRead: maxRead.patterns }),
  askedAtMs: time(),
});

const activity = either([
  object({ kind: choice(['busy', 'idle']) }),
  object({
    kind: constant('retry'),
    attempt: count(),
    message: optional(rawLine()),
    nextMs: optional(time('The start of the next attempt.')),
  }),
]);

const session = object(
  {
    id: sessionId(),
    parentId: optional(sessionId('Present for the session of a subagent.')),
    title: optional(rawLine()),
    atMs: time('The time of the last event about its activity or its asks.'),
    turnAtMs: optional(
      time('The time of its creation or last prompt. A TUI shows the session with the newest one.'),
    ),
    // Absent until an event reports it: a plugin that starts late must not assume idle.
    activity: optional(activity),
    asks: list(ask, { description: 'The unanswered asks.', maxRead: maxRead.asks }),
    error: optional(object({ name: rawLine(), message: optional(rawLine()), atMs: time() })),
  },
  { description: 'The state of one session, from its events only.' },
);

/** The content of a marker file. */
export const markerSchema = object({
  otopMarker: constant(markerVersion),
  host: text('The name of the machine, as the process sees it.'),
  pid: count(),
  startTicks: optional(count('Field 22 of /proc/PID/stat. Together with the pid it identifies a process.')),
  loadedAtMs: time(),
  writtenAtMs: time(),
  opencode: optional(rawLine('The version of opencode, once it created a session.')),
  sessions: list(session, { maxRead: maxRead.sessions }),
});

/** A value before it becomes JSON: an optional field may be undefined, because JSON leaves it out. */
type Unwritten<T> = T extends readonly (infer E)[]
  ? Unwritten<E>[]
  : T extends object
    ? { [K in keyof T]: Unwritten<T[K]> | (object extends Pick<T, K> ? undefined : never) }
    : T;

export type MarkerFile = Unwritten<Static<typeof markerSchema>>;
export type MarkerSession = Unwritten<Static<typeof session>>;
export type MarkerAsk = Unwritten<Static<typeof ask>>;
export type MarkerActivity = Unwritten<Static<typeof activity>>;
