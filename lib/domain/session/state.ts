import type { DisplayText } from '../../text/sanitize.ts';

/** The names of all states, in the order of the help, the JSON schema and the filter's choices. */
export const stateNames = [
  'asking',
  'error',
  'truncated',
  'retrying',
  'tool use',
  'generating',
  'thinking',
  'compacting',
  'queued',
  'stale',
  'idle',
  'new',
] as const;

export type StateName = (typeof stateNames)[number];

/** The group of each state: the header counts groups, and a filter can name one. */
export const stateGroups = {
  asking: 'asking',
  error: 'failed',
  truncated: 'failed',
  retrying: 'retrying',
  'tool use': 'working',
  generating: 'working',
  thinking: 'working',
  compacting: 'working',
  queued: 'working',
  stale: 'stale',
  idle: 'idle',
  new: 'new',
} as const satisfies Readonly<Record<StateName, string>>;

/** The state of one session, its beginning, and whether it needs the user. */
export interface SessionState {
  readonly name: StateName;
  /** Of `asking`. */
  readonly askingFor?: 'permission' | 'question';
  /** The text next to the state: the command, the question, the error message, the attempt. */
  readonly detail?: DisplayText;
  /** Of `tool use` and of a permission. */
  readonly tool?: DisplayText;
  /** The beginning of the state, from the data; absent if unknown. */
  readonly sinceMs?: number;
  readonly needsYou: boolean;
  /** The turn ended after the user last viewed the session. */
  readonly unread: boolean;
  /** Of a root that shows a subagent's ask: the subagent. */
  readonly raisedFrom?: { readonly sessionId: string; readonly title?: DisplayText };
  /** The id of the rule that decided (`rules/rules.ts`), or of a fallback in `status.ts`. */
  readonly rule: string;
}

/** The state in one or two words: `permission` or `question` for an ask, `done` for an unread end of a turn. */
export function stateWord(state: SessionState): string {
  if (state.name === 'asking') return state.askingFor ?? 'asking';
  if (state.name === 'idle' && state.unread) return 'done';
  return state.name;
}

/** Every word for a state: its name, its displayed word and its group. */
export const stateWords: readonly string[] = [
  ...new Set(
    stateNames.flatMap((name) => [
      name,
      ...(name === 'asking' ? ['permission', 'question'] : name === 'idle' ? ['done'] : []),
      stateGroups[name],
    ]),
  ),
];
