import type { DisplayText } from '../../text/sanitize.ts';

/** What a session can be doing, in the order in which they need a person. */
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

/** What states are counted as in the header, and how a filter may name several at once. */
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

/** What one session is doing, since when, and whether it needs a person. */
export interface SessionState {
  readonly name: StateName;
  /** Of `asking`. */
  readonly askingFor?: 'permission' | 'question';
  /** The command, the question, the error's message, the attempt: what a person wants to read next to the state. */
  readonly detail?: DisplayText;
  /** Of `tool use` and of a permission. */
  readonly tool?: DisplayText;
  /** When it began, from the data; absent where the data does not say. */
  readonly sinceMs?: number;
  readonly needsYou: boolean;
  /** Its turn ended after you last looked at it. */
  readonly unread: boolean;
  /** The subagent whose ask this is, where it was raised to its root. */
  readonly raisedFrom?: { readonly sessionId: string; readonly title?: DisplayText };
  /** Which rule of the table in `status.ts` decided. */
  readonly rule: string;
}

/** The state in one or two words for people: what is asked for, and `done` for a turn that ended unseen. */
export function stateWord(state: SessionState): string {
  if (state.name === 'asking') return state.askingFor ?? 'asking';
  if (state.name === 'idle' && state.unread) return 'done';
  return state.name;
}

/** Every word for a state: its name, what people read, and what the header counts it as. */
export const stateWords: readonly string[] = [
  ...new Set(
    stateNames.flatMap((name) => [
      name,
      ...(name === 'asking' ? ['permission', 'question'] : name === 'idle' ? ['done'] : []),
      stateGroups[name],
    ]),
  ),
];
