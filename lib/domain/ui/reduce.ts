import { sanitize } from '../../text/sanitize.ts';
import { screenBoard } from '../board/tree.ts';
import type { Action, Effect } from './action.ts';
import { readOnlyReason } from './key-conditions.ts';
import { sortingReducers, treeReducers } from './reduce/arranging.ts';
import { confirmationReducers, menuReducers } from './reduce/dialogs.ts';
import { hostReducers } from './reduce/hosts.ts';
import { inboxReducers } from './reduce/inbox.ts';
import { openingReducers } from './reduce/opening.ts';
import { promptReducers } from './reduce/prompt.ts';
import { scrollingReducers } from './reduce/scrolling.ts';
import { searchReducers } from './reduce/search.ts';
import { selectionReducers } from './reduce/selection.ts';
import { setupReducers } from './reduce/setup.ts';
import { noticed, type ReduceInput, type Reducers, type Step } from './reduce/step.ts';
import type { UiState } from './ui-state.ts';

/** Actions that only the app can carry out: each returns an effect. */
const effectReducers: Reducers<'quit' | 'refresh' | 'redraw' | 'suspend' | 'copy' | 'jump' | 'toggle'> = {
  quit: (state) => ({ state, effects: [{ type: 'quit' }] }),
  refresh: (state) => ({ state, effects: [{ type: 'refresh' }] }),
  redraw: (state) => ({ state, effects: [{ type: 'redraw' }, { type: 'refresh' }] }),
  suspend: (state) => ({ state, effects: [{ type: 'suspend' }] }),
  copy: (state, { what }) => copy(state, what),
  jump: (state) => jump(state),
  toggle: (state, { what }, { nowMs }) => toggle(state, what, nowMs),
};

/** The reducer of every action. An action without a reducer does not compile. */
const reducers: Reducers<Action['type']> = {
  ...selectionReducers,
  ...scrollingReducers,
  ...sortingReducers,
  ...openingReducers,
  ...menuReducers,
  ...promptReducers,
  ...searchReducers,
  ...setupReducers,
  ...effectReducers,
  ...confirmationReducers,
  ...treeReducers,
  ...hostReducers,
  ...inboxReducers,
};

/** Effects that change a session or end a process. */
const actingEffects: ReadonlySet<Effect['type']> = new Set(['answer', 'abort', 'end-process']);

/** Drops acting effects with --read-only, whether a key, a menu, a click or an already open confirmation asked for them. */
function withoutActing({ state, effects }: Step, nowMs: number): Omit<Step, 'shown'> {
  const harmless = effects.filter(({ type }) => !actingEffects.has(type));
  if (!state.readOnly || harmless.length === effects.length) return { state, effects };
  return { state: noticed(state, readOnlyReason, nowMs), effects: harmless };
}

/** The result of an action. */
export interface Reduced extends Required<Omit<Step, 'follow'>> {}

/**
 * Returns the state after an action and the effects to run. Pure. `input.shown` is `screenBoard` of the Board; it is
 * computed if the caller does not pass it.
 */
export function reduce(
  state: UiState,
  action: Action,
  input: Omit<ReduceInput, 'shown'> & Partial<ReduceInput>,
): Reduced {
  const { board, nowMs, shown = screenBoard(board, state) } = input;
  // The record pairs each action with its reducer, which TypeScript cannot follow through a union.
  const reducer = reducers[action.type] as (state: UiState, action: Action, input: ReduceInput) => Step;
  const step = reducer(state, action, { board, shown, nowMs });
  const after = { ...withoutActing(step, nowMs), shown: step.shown ?? shown };
  if (!step.follow) return after;
  const next = reduce(after.state, step.follow, { board, nowMs, shown: after.shown });
  return { ...next, effects: [...after.effects, ...next.effects] };
}

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
  all: { on: 'sessions without a process are shown, too', off: 'only sessions with a process are shown' },
  mouse: {
    on: 'otop has the mouse',
    off: 'the terminal has the mouse: select text; M gives it back to otop',
  },
} as const;

function toggle(state: UiState, what: 'all' | 'mouse', nowMs: number): Step {
  const on = !state[what];
  const words = sanitize(toggled[what][on ? 'on' : 'off']);
  return { state: noticed({ ...state, [what]: on }, words, nowMs), effects: [{ type: what, on }] };
}
