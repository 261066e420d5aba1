import type { Static, TObject } from '@sinclair/typebox';
import { confidences, evidenceKinds } from '../evidence/match.ts';
import { processKinds } from '../process/process.ts';
import { stateNames } from '../session/state.ts';
import {
  amount,
  choice,
  constant,
  count,
  figure,
  line,
  list,
  minutes,
  named,
  object,
  orNull,
  sessionId,
  text,
  time,
  whole,
  yesNo,
} from './field-types.ts';

// The entries that `otop sessions` and `otop waiting --json` print.
// Encoding: `view/sessions-json.ts`; decoding: `sources/host/row-of-entry.ts`.

/** Goes up when a field changes its meaning or goes away; new fields do not count. */
export const sessionsSchemaVersion = 1;

const asks = ['permission', 'question'] as const;
/** The maximum number of subagents that otop reads for a session of another machine. */
const maxChildrenRead = 100;

const status = named('status', choice(stateNames));

/** Tokens of one session, or a sum of several. */
export const tokensSchema = named(
  'tokens',
  object({
    input: amount('Without the cached tokens.'),
    output: amount('Without the reasoning.'),
    reasoning: amount('Tokens of reasoning.'),
    cache_read: amount('Read from the cache.'),
    cache_write: amount('Written to the cache.'),
  }),
);

/** Tokens in each minute; null if none are known. */
export const tokensPerMinute = named('minutes', orNull(minutes('Tokens in each minute, oldest first.')));

/** The state of a session or of a subagent. */
const stateFields = {
  status,
  asking_for: orNull(choice(asks), 'What it asks for, if the status is asking.'),
  needs_you: yesNo('It waits for a person, or failed.'),
  since_ms: orNull(time('When the status began.')),
  tool: orNull(line('The tool at work, or the one that permission is asked for.')),
  detail: orNull(line("The command, the question, the error's message, the attempt.")),
  raised_from: orNull(sessionId("The subagent's session whose ask this is.")),
  status_rule: text("Which of otop's rules decided; for bug reports."),
};

const child = named(
  'child',
  object(
    {
      id: sessionId("opencode's id."),
      title: orNull(line('Its title.')),
      agent: orNull(line('Its agent.')),
      parent_id: orNull(sessionId('The session that started it.')),
      depth: whole('1 below the session itself.', { minimum: 1 }),
      ...stateFields,
      tokens: orNull(tokensSchema, 'Its sums.'),
    },
    { description: "A subagent's session." },
  ),
);

/** The session of an entry. */
export const sessionSchema = named(
  'session',
  object(
    {
      id: sessionId("opencode's id."),
      title: orNull(line('Its title.')),
      directory: orNull(line('Its working directory.')),
      model: orNull(text('provider/model of the last turn.')),
      agent: orNull(line('The agent of the last turn.')),
      ...stateFields,
      unread: yesNo('Its turn ended after a person last viewed it.'),
      message_count: orNull(count('Messages in the session.')),
      interactive: yesNo('False for `opencode run`.'),
      parent_id: orNull(sessionId('The session that started this one as a subagent.')),
      created_at_ms: orNull(time('When it was created.')),
      active_at_ms: orNull(time('The last sign of life in the database.')),
      last_prompt: orNull(line('What the person said last.')),
      last_output: orNull(line('What the model said or did last, in one line.')),
      round_ms: orNull(amount('Time since the last prompt.')),
      tokens: orNull(tokensSchema, "The session's own sums, subagents not included."),
      tokens_per_minute: tokensPerMinute,
      context: object(
        {
          used: orNull(figure('Tokens of the last turn.')),
          limit: orNull(figure("Tokens in the model's window.")),
          percent: orNull(figure('The share that is used.')),
        },
        { description: "How full the model's window was after the last turn." },
      ),
      cost: orNull(amount('US dollars, its own; null if a model has no price.')),
      cost_total: orNull(amount('US dollars, subagents included.')),
      children: list(child, { description: 'Subagents at any depth.', maxRead: maxChildrenRead }),
      todos: orNull(object({ total: count('All todos.'), done: count('Done ones.') }), 'Its todos.'),
      version: orNull(line('The opencode version that made the session.')),
    },
    { description: "A session in opencode's database." },
  ),
);

const pane = object({
  socket: orNull(text('For tmux -S; null if the pane is on another machine.')),
  pane_id: orNull(text('For tmux -t.', { pattern: '^%[0-9]+$' })),
  window: line("The window's name."),
  in_front: yesNo('A client shows it now.'),
});

/** The process of an entry. All fields are null if it has none. */
const processFields = {
  pid: orNull(whole('The number of the process.')),
  tty: orNull(line('Its terminal.')),
  cwd: orNull(line('Its working directory.')),
  cpu_percent: orNull(amount('Its CPU use, of one core.')),
  mem_mb: orNull(amount('Its resident memory in MiB.')),
  is_tool_process: orNull(yesNo("Started by another opencode's tool.")),
  tmux_pane: orNull(line('Its tmux pane: session:window.pane.')),
  tmux: orNull(pane, 'The same pane, for tmux commands.'),
  uptime_ms: orNull(amount('How long it has been running.')),
  kind: orNull(choice(processKinds), 'How opencode was started.'),
  orphan: orNull(yesNo('The process outlived its terminal.')),
};

/** One entry of `otop sessions`. */
export const entrySchema = named(
  'entry',
  object(
    {
      schema_version: constant(sessionsSchemaVersion),
      key: text("Stable from one output to the next: the session's id, or pid:N without one."),
      host: line('The machine it runs on.'),
      ...processFields,
      status,
      unwatched: orNull(
        yesNo("opencode 2's service works on it or waits, and no viewer is in its directory."),
      ),
      viewer_pids: orNull(list(count(), { description: "opencode 2's TUIs that show the session." })),
      match: orNull(
        object({
          evidence: choice(evidenceKinds, 'The kind of the strongest evidence.'),
          confidence: choice(confidences, 'A guess has `?` on the screen.'),
          why: line('The evidence in words.'),
        }),
        'Why this process is shown with this session.',
      ),
      session: orNull(sessionSchema),
    },
    { description: 'A process with its session, a process alone, or (with --all) a session alone.' },
  ),
);

/** An entry of `otop sessions`. Every field is present; unknown is `null`. */
export type SessionEntry = Static<typeof entrySchema>;
export type ProcessFields = Static<TObject<typeof processFields>>;
export type PaneEntry = Static<typeof pane>;
export type StateFields = Static<TObject<typeof stateFields>>;
export type ChildEntry = Static<typeof child>;
/** Tokens of one session, or a sum of several. */
export type TokensEntry = Static<typeof tokensSchema>;
