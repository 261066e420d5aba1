import type { UiState } from '../ui-state.ts';
import type { Reducers, Step } from './step.ts';

/** What only the app can do: the screen stays as it is, and an effect says what is wanted. */
export const effectReducers: Reducers<'quit' | 'refresh' | 'redraw' | 'suspend' | 'copy' | 'jump'> = {
  quit: (state) => ({ state, effects: [{ type: 'quit' }] }),
  refresh: (state) => ({ state, effects: [{ type: 'refresh' }] }),
  redraw: (state) => ({ state, effects: [{ type: 'redraw' }, { type: 'refresh' }] }),
  suspend: (state) => ({ state, effects: [{ type: 'suspend' }] }),
  copy: (state, { what }) => copy(state, what),
  jump: (state) => jump(state),
};

function copy(state: UiState, what: 'id' | 'resume command'): Step {
  return {
    state,
    effects: state.selectedKey === undefined ? [] : [{ type: 'copy', key: state.selectedKey, what }],
  };
}

function jump(state: UiState): Step {
  const { selectedKey } = state;
  return { state, effects: selectedKey === undefined ? [] : [{ type: 'jump', key: selectedKey }] };
}
