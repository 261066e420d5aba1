import type { SessionState } from './state.ts';

/** The state in one or two words for people: what is asked for, and `done` for a turn that ended unseen. */
export function stateWord(state: SessionState): string {
  if (state.name === 'asking') return state.askingFor ?? 'asking';
  if (state.name === 'idle' && state.unread) return 'done';
  return state.name;
}
