import { sanitize } from '../../../text/sanitize.ts';
import type { UiState } from '../ui-state.ts';
import { noticed, type Reducers, type Step } from './step.ts';

/** What only the app can do: the screen stays as it is, and an effect says what is wanted. */
export const effectReducers: Reducers<
  'quit' | 'refresh' | 'redraw' | 'suspend' | 'copy' | 'jump' | 'toggle'
> = {
  quit: (state) => ({ state, effects: [{ type: 'quit' }] }),
  refresh: (state) => ({ state, effects: [{ type: 'refresh' }] }),
  redraw: (state) => ({ state, effects: [{ type: 'redraw' }, { type: 'refresh' }] }),
  suspend: (state) => ({ state, effects: [{ type: 'suspend' }] }),
  copy: (state, { what }) => copy(state, what),
  jump: (state) => jump(state),
  toggle: (state, { what }, { nowMs }) => toggle(state, what, nowMs),
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

const toggled = {
  all: { on: 'sessions that no process runs are shown, too', off: 'only what a process runs is shown' },
  mouse: { on: "the mouse is otop's", off: "the mouse is the terminal's: select text; M takes it back" },
} as const;

function toggle(state: UiState, what: 'all' | 'mouse', nowMs: number): Step {
  const on = !state[what];
  const words = sanitize(toggled[what][on ? 'on' : 'off']);
  return { state: noticed({ ...state, [what]: on }, words, nowMs), effects: [{ type: what, on }] };
}
