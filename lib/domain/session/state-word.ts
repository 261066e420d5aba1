import { type SessionState, stateGroups, stateNames } from './state.ts';

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
